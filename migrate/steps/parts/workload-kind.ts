/** A kind whose pod template can be patched. [k8s] API reference 1.36 */
export interface WorkloadKind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Members that lead to its pod template; none for a pod itself. */
  readonly template: readonly string[];
  /**
   * Way in which its pods take a change. `rollout`: the controller replaces them. `next run`: pods that run
   * stay. `delete pods`: its pods must be deleted by hand. `recreate`: the object itself cannot be changed.
   */
  readonly replaces: 'rollout' | 'next run' | 'delete pods' | 'recreate';
}

const SPEC_TEMPLATE = ['spec', 'template'];

const KINDS: readonly WorkloadKind[] = [
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map(
    (kind): WorkloadKind => ({
      ...{ kind, group: 'apps', version: 'v1', template: SPEC_TEMPLATE, replaces: 'rollout' },
    }),
  ),
  { kind: 'ReplicaSet', group: 'apps', version: 'v1', template: SPEC_TEMPLATE, replaces: 'delete pods' },
  {
    kind: 'ReplicationController',
    group: '',
    version: 'v1',
    template: SPEC_TEMPLATE,
    replaces: 'delete pods',
  },
  {
    kind: 'CronJob',
    group: 'batch',
    version: 'v1',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    replaces: 'next run',
  },
  { kind: 'Job', group: 'batch', version: 'v1', template: SPEC_TEMPLATE, replaces: 'recreate' },
  { kind: 'Pod', group: '', version: 'v1', template: [], replaces: 'recreate' },
];

/** @param apiVersion undefined if nobody said it: then it is the kind of Kubernetes itself */
export function workloadKindOf(kind: string, apiVersion: string | undefined): WorkloadKind | undefined {
  const found = KINDS.find((one) => one.kind === kind);
  if (!found || apiVersion === undefined) return found;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return group === found.group ? found : undefined;
}

export function apiVersionOf({ group, version }: WorkloadKind): string {
  return group === '' ? version : `${group}/${version}`;
}
