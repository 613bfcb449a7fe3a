import type { CheckedPod, CheckFacts, ProxyLog } from '../../migrate/check/facts.ts';

export const LISTED_AT_MS = Date.parse('2026-11-30T02:00:00Z');
export const HOUR_MS = 3_600_000;

/** A pod of Deployment shop/web on node-1 that names a role, and runs for long. */
export function checkedPod(name: string, changes: Partial<CheckedPod> = {}): CheckedPod {
  return {
    namespace: 'shop',
    name,
    workload: { kind: 'Deployment', name: 'web' },
    node: 'node-1',
    startedMs: LISTED_AT_MS - 10 * HOUR_MS,
    isAlive: true,
    isHostNetwork: false,
    role: 'shop-web',
    identity: undefined,
    ...changes,
  };
}

/** The whole log of the proxy on node-1, in which nobody asked. */
export function proxyLog(changes: Partial<ProxyLog> = {}): ProxyLog {
  return {
    pod: 'kube-system/kube2iam-1',
    node: 'node-1',
    fromMs: LISTED_AT_MS - HOUR_MS,
    gap: undefined,
    askers: new Map(),
    nodeAsked: undefined,
    unknown: undefined,
    ...changes,
  };
}

/** Facts of a cluster with one node, of which everything was read. */
export function checkFacts(pods: readonly CheckedPod[], changes: Partial<CheckFacts> = {}): CheckFacts {
  return {
    from: 'kube2iam',
    listedAtMs: LISTED_AT_MS,
    sinceMs: HOUR_MS,
    namespace: undefined,
    pods,
    templates: [],
    logs: [proxyLog()],
    hasAllProxies: true,
    unread: [],
    ...changes,
  };
}
