import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { Finding } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { isInjected } from '../../../workload/left-out.ts';
import { describePod } from '../chain-parts.ts';

const { broken, warning } = findingsOf('pod');
const MOST_SHOWN = 5;

/** Judges a pod that has its role and does not run yet; undefined if it runs or has run. */
export function judgePhase({ cluster }: ChainFacts, pod: PodFacts): Finding | undefined {
  if (pod.phase !== 'Pending') return undefined;
  const events = valueIn(cluster.events) ?? [];
  const troubles = pod.containers.filter(({ trouble }) => trouble !== undefined);
  const details = [
    ...troubles.map(({ name, trouble }) => `container ${name}: ${trouble}`),
    ...events.map(({ reason, message, count }) => `${reason} (${count}): ${message}`).slice(-MOST_SHOWN),
  ];
  const object = describePod(pod);
  const describe = `kubectl -n ${shellWord(pod.namespace)} describe pod ${shellWord(pod.name)}`;
  const mount = events.findLast(({ reason }) => reason === 'FailedMount');
  if (mount && !pod.containers.some(({ ready }) => ready)) {
    return broken('VOLUME_NOT_MOUNTED', {
      object,
      expected: 'has its volumes mounted by kubelet',
      found: `waits for a volume: ${mount.message}`,
      remedy: { text: 'do what the event says; this shows all of them', commands: [describe] },
      details,
    });
  }
  // The next link judges the sidecar, for which all others wait.
  if (troubles.some(({ name }) => isInjected(name))) return undefined;
  const [first] = details;
  return warning('POD_PENDING', {
    object,
    expected: 'runs',
    found: `is pending${first === undefined ? '' : `: ${first}`}`,
    remedy: { text: 'do what its events say', commands: [describe] },
    details: details.slice(1),
  });
}
