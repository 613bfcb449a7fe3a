import { counted } from '../../lib/text/counted.ts';
import type { CheckFacts, ProxyLog } from './facts.ts';
import { judgeRoles } from './judge-roles.ts';
import { judgeWorkloads } from './judge-workloads.ts';
import type { CheckedWorkload, MigrationCheck, WorkloadState } from './model.ts';

/** Judges how far a migration has come. A request that was not seen counts only where it would have been. */
export function judgeCheck(facts: CheckFacts): MigrationCheck {
  const all = judgeWorkloads(facts);
  const workloads = all.filter(({ namespace }) => (facts.namespace ?? namespace) === namespace);
  const counts: Record<WorkloadState, number> = { 'old proxy': 0, both: 0, moved: 0, waiting: 0, unknown: 0 };
  for (const { state } of workloads) counts[state] += 1;
  const unread = [...facts.unread, ...facts.logs.flatMap(gapOf)];
  const hasAll = unread.length === 0 && facts.hasAllProxies;
  return {
    from: facts.from,
    checkedAt: new Date(facts.listedAtMs).toISOString(),
    sinceSeconds: facts.sinceMs / 1_000,
    workloads,
    counts,
    percentMoved: workloads.length === 0 ? 100 : Math.floor((100 * counts.moved) / workloads.length),
    proxyPods: facts.logs.length,
    others: facts.logs.flatMap(othersOf),
    roles: judgeRoles(all, facts.logs, hasAll),
    proxy: judgeProxy(facts, all, hasAll),
    unread,
  };
}

function gapOf({ pod, gap }: ProxyLog): readonly string[] {
  return gap === undefined ? [] : [`log of ${pod}: ${gap}`];
}

function othersOf({ pod, node = 'no node', nodeAsked, unknown }: ProxyLog): readonly string[] {
  const others: string[] = [];
  if (nodeAsked)
    others.push(`${pod}: node ${node} itself, or a pod in its host network, asked ${askedFor(nodeAsked)}`);
  if (unknown) {
    const named = unknown.roles.filter(Boolean);
    const roles =
      named.length === 0
        ? ''
        : ` (${named.slice(0, MAX_NAMED).join(', ')}${named.length > MAX_NAMED ? ', …' : ''})`;
    others.push(
      `${pod}: addresses whose pod is gone, or not known for that time, asked ${askedFor(unknown)}${roles}`,
    );
  }
  return others;
}

const MAX_NAMED = 10;

function askedFor({ credentialsMs, refusedMs }: NonNullable<ProxyLog['nodeAsked']>): string {
  if (credentialsMs !== undefined) return 'for roles';
  return refusedMs === undefined ? 'for other metadata' : 'for roles, which the proxy refused';
}

function judgeProxy(
  { from, logs }: CheckFacts,
  workloads: readonly CheckedWorkload[],
  hasAll: boolean,
): MigrationCheck['proxy'] {
  const open = workloads.filter(({ state }) => state !== 'moved' && state !== 'unknown').length;
  if (open > 0) return { isNeeded: 'yes', why: `${counted(open, 'workload')} must move first` };
  const strangers = logs.filter(({ nodeAsked, unknown }) => asksRole(nodeAsked) || asksRole(unknown)).length;
  if (strangers > 0) return { isNeeded: 'yes', why: 'it gave roles to somebody who is not a workload above' };
  if (!hasAll || workloads.some(({ state }) => state === 'unknown'))
    return { isNeeded: 'unknown', why: 'not every request was seen' };
  if (logs.length === 0) return { isNeeded: 'no', why: `no pod of ${from} was found` };
  const passesOn = logs.some(({ askers, nodeAsked, unknown }) =>
    [...askers.values(), nodeAsked, unknown].some((asked) => asked?.metadataMs !== undefined),
  );
  const rest = passesOn
    ? '; some ask it for other metadata, which they then get from the node, unless something keeps them from it'
    : '';
  return { isNeeded: 'no', why: `nobody got a role from it${rest}` };
}

function asksRole(asked: ProxyLog['nodeAsked']): boolean {
  return asked?.credentialsMs !== undefined;
}
