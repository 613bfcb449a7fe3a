import { shellWord } from '../../lib/text/shell-word.ts';
import type { Finding } from '../chain/finding.ts';
import type { JudgedChain } from '../judge/verdict.ts';
import type { DoctorSettings } from '../settings.ts';

type ClusterFlags = Pick<DoctorSettings, 'context' | 'kubeconfig' | 'kubeApi'>;

/**
 * Beginnings of commands that talk to a cluster, also behind a pipe or within `$(…)`. Quoted words come
 * first, and stay as they are: they may hold what a tenant wrote, such as `; kubectl`.
 */
const COMMANDS =
  /'[^']*'|\\.|(?:^|[|&;(] ?)(kubectl(?= )|podrole (?:bind|unbind|list|up|test|audit|doctor|publish|provider \w+)(?=[ )]|$))/g;

/**
 * Returns a chain whose remedies act on the cluster that was judged: its commands get the flags by which
 * doctor itself was told which cluster that is. Without them, they would change the current context's.
 */
export function onSameCluster(chain: JudgedChain, flags: ClusterFlags): JudgedChain {
  const change = onCluster(flags);
  const findings = chain.findings.map((finding) => withCommands(finding, change));
  return { ...chain, findings, firstBroken: findings.find(({ state }) => state === 'broken') };
}

/** Returns what adds the flags of a cluster to a command that talks to one. */
export function onCluster({ context, kubeconfig, kubeApi }: ClusterFlags): (command: string) => string {
  const shared = [...flag('--context', context), ...flag('--kubeconfig', kubeconfig)];
  const ofPodrole = [...shared, ...flag('--kube-api', kubeApi)].join('');
  const ofKubectl = [...shared, ...flag('--server', kubeApi)].join('');
  if (ofPodrole === '') return (command) => command;
  return (line) =>
    line.replace(COMMANDS, (found: string, command: string | undefined) => {
      if (command === undefined) return found;
      return found + (command === 'kubectl' ? ofKubectl : ofPodrole);
    });
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [` ${name} ${shellWord(value)}`];
}

function withCommands(finding: Finding, change: (command: string) => string): Finding {
  const { remedy } = finding;
  return remedy ? { ...finding, remedy: { ...remedy, commands: remedy.commands.map(change) } } : finding;
}
