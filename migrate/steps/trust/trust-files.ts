import { BINDINGS_KIND } from '../../../bind/ask/bindings-file/podrole-bindings.ts';
import { DEFAULT_TOKEN_AUDIENCE } from '../../../lib/contract/aws-webhook.ts';
import { compareText } from '../../../lib/text/compare.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { MigrationModel } from '../../model.ts';
import type { Move } from '../parts/moves.ts';
import type { StepCommands } from '../parts/page.ts';
import type { StepFile } from '../parts/step-file.ts';
import { yamlText } from '../parts/yaml-text.ts';

export interface TrustStep {
  readonly files: readonly StepFile[];
  /** Commands for the ServiceAccounts that the pods use afterwards. */
  readonly commands: StepCommands;
  /** Commands for the ServiceAccounts that are shared now; needed only while they are. */
  readonly shared: StepCommands;
}

interface Binding {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly attachRoleArn: string;
  /** The ServiceAccount is not annotated: that is the second step. */
  readonly roleOnly: true;
}

/** Returns the bindings by which each role trusts its ServiceAccounts too. Nothing else of a role changes. */
export function trustStep(moves: readonly Move[], model: MigrationModel): TrustStep {
  const untrusted = new Map(model.roles.map((role) => [role.arn, role.untrusted && new Set(role.untrusted)]));
  const bindings = moves
    .filter(({ workload, serviceAccount, role }) => {
      const names = untrusted.get(role.arn);
      return names === undefined || names.has(`${workload.namespace}/${serviceAccount}`);
    })
    .map((move) => bindingOf(move, move.serviceAccount));
  const shared = moves
    .filter(({ workload }) => workload.newServiceAccount !== undefined)
    .map((move) => bindingOf(move, move.workload.serviceAccount));
  const files = [
    { files: bindingsFiles('bindings', bindings), list: 'main' as const },
    { files: bindingsFiles('shared', shared), list: 'shared' as const },
  ];
  const pathsOf = (list: 'main' | 'shared') =>
    files.flatMap((one) => (one.list === list ? one.files.map(({ path }) => path) : []));
  return {
    files: files.flatMap((one) => one.files),
    commands: commandsFor(pathsOf('main'), model.audience),
    shared: commandsFor(pathsOf('shared'), model.audience),
  };
}

function bindingOf({ workload, role }: Move, serviceAccount: string): Binding {
  return { namespace: workload.namespace, serviceAccount, attachRoleArn: role.arn, roleOnly: true };
}

/**
 * One file per account, since a run of podrole bind is for one account. A bindings file names each
 * ServiceAccount once: further roles of it are in further files.
 */
function bindingsFiles(name: string, bindings: readonly Binding[]): readonly StepFile[] {
  const unique = new Map(bindings.map((binding) => [JSON.stringify(binding), binding]));
  const seen = new Map<string, number>();
  const sorted = [...unique.entries()].sort(([one], [other]) => compareText(one, other));
  const placed = sorted.map(([, binding]) => {
    const id = `${binding.namespace}/${binding.serviceAccount}`;
    const number = (seen.get(id) ?? 0) + 1;
    seen.set(id, number);
    return { binding, account: accountOf(binding), number };
  });
  const accounts = new Set(placed.map(({ account }) => account));
  const pathOf = ({ account, number }: (typeof placed)[number]) => {
    const parts = [name, ...(accounts.size > 1 ? [account] : []), ...(number > 1 ? [`${number}`] : [])];
    return `1-trust/${parts.join('-')}.yaml`;
  };
  return [...Map.groupBy(placed, pathOf)].map(([path, entries]) => ({
    path,
    text: yamlText({ ...BINDINGS_KIND, bindings: entries.map(({ binding }) => binding) }, [
      'Each role trusts its ServiceAccount too. What it trusts now stays as it is.',
    ]),
  }));
}

/** The account is a part of a file name; in other servers than AWS it may hold other characters. */
function accountOf({ attachRoleArn }: Binding): string {
  return (attachRoleArn.split(':')[4] ?? '').replace(/[^\w]/g, '_');
}

function commandsFor(paths: readonly string[], audience: string): StepCommands {
  const flags = audience === DEFAULT_TOKEN_AUDIENCE ? '' : ` ${shellWord(`--token-audience=${audience}`)}`;
  return {
    run: paths.flatMap((path) => [
      `podrole bind -f ${path}${flags}`,
      `podrole bind -f ${path}${flags} --approve`,
    ]),
    verify: paths.map((path) => `podrole bind -f ${path}${flags} --exit-code`),
    undo: paths.map((path) => `podrole unbind -f ${path} --approve`),
  };
}
