import { SKIP_POD_LABEL } from '../../../lib/contract/aws-webhook.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { Move } from './moves.ts';
import { templatePatch } from './patch.ts';

/** Returns the command that applies a patch from a file. */
export function patchCommand(
  { namespace, kind, name }: { namespace: string | undefined; kind: string; name: string },
  path: string,
): string {
  const of = namespace === undefined ? '' : ` -n ${shellWord(namespace)}`;
  return `kubectl patch${of} ${kind.toLowerCase()} ${shellWord(name)} --patch-file ${shellWord(path)}`;
}

/** Returns the commands that replace the pods of workloads, and wait for them. */
export function restartCommands(moves: readonly Move[]): readonly string[] {
  const restarted = moves.filter(({ kind }) => kind.replaces === 'rollout');
  return [
    ...restarted.map((move) => `kubectl rollout restart ${operand(move)}`),
    ...statusCommands(restarted),
  ];
}

export function statusCommands(moves: readonly Move[]): readonly string[] {
  return moves
    .filter(({ kind }) => kind.replaces === 'rollout')
    .map((move) => `kubectl rollout status ${operand(move)} --timeout=10m`);
}

/** Returns the commands that keep new pods of workloads from podrole, or no longer keep them. */
export function skipCommands(moves: readonly Move[], skips: boolean): readonly string[] {
  return moves
    .filter(({ kind }) => kind.replaces === 'rollout' || kind.replaces === 'next run')
    .map(({ kind, workload: { namespace, name } }) => {
      const labels = { [SKIP_POD_LABEL]: skips ? 'true' : null };
      const patch = JSON.stringify(templatePatch(kind, { namespace, name }, { labels }));
      const of = `-n ${shellWord(namespace)} ${kind.kind.toLowerCase()} ${shellWord(name)}`;
      return `kubectl patch ${of} --patch ${shellWord(patch)}`;
    });
}

function operand({ kind, workload: { namespace, name } }: Move): string {
  return `-n ${shellWord(namespace)} ${shellWord(`${kind.kind.toLowerCase()}/${name}`)}`;
}
