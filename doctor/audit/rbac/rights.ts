/** Ways to take the role of a ServiceAccount of the same namespace, the most direct ones first. */
export const POWERS = [
  'administer',
  'request tokens',
  'create pods',
  'change workloads',
  'grant rights',
  'approve client certificates',
  'change admission webhooks',
  'exec into pods',
  'change the images of pods',
  'add ephemeral containers',
  'annotate ServiceAccounts',
  'annotate Namespaces',
  'impersonate ServiceAccounts',
  'impersonate users',
] as const;
export type Power = (typeof POWERS)[number];

export interface Right {
  readonly power: Power;
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** resourceNames limit it, or one of them must match; a name is not known when an object is created. */
  readonly byName: 'limits' | 'excludes' | 'is ignored' | RegExp;
  /** The resource has no namespace, so that a RoleBinding does not give the right. */
  readonly isClusterWide?: true;
}

const WORKLOADS = [
  'deployments',
  'daemonsets',
  'statefulsets',
  'replicasets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
];
const WORKLOAD_GROUPS = ['apps', 'batch', ''];

/** Rights that lead to a role. [k8s] "Role Based Access Control Good Practices", escalation risks */
export const RIGHTS: readonly Right[] = [
  {
    power: 'request tokens',
    groups: [''],
    resources: ['serviceaccounts/token'],
    verbs: ['create'],
    byName: 'limits',
  },
  { power: 'create pods', groups: [''], resources: ['pods'], verbs: ['create'], byName: 'excludes' },
  {
    power: 'change workloads',
    groups: WORKLOAD_GROUPS,
    resources: WORKLOADS,
    verbs: ['create'],
    byName: 'excludes',
  },
  {
    power: 'change workloads',
    groups: WORKLOAD_GROUPS,
    resources: WORKLOADS,
    verbs: ['update', 'patch'],
    byName: 'is ignored',
  },
  {
    power: 'grant rights',
    groups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'clusterroles'],
    verbs: ['escalate'],
    byName: 'is ignored',
  },
  {
    power: 'grant rights',
    groups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'clusterroles'],
    verbs: ['bind'],
    byName: 'limits',
  },
  {
    power: 'approve client certificates',
    groups: ['certificates.k8s.io'],
    resources: ['signers'],
    verbs: ['approve', 'sign'],
    // The other signers do not make users of the API server.
    byName: /^kubernetes\.io\/(?:\*|kube-apiserver-client)$/,
    isClusterWide: true,
  },
  {
    power: 'change admission webhooks',
    groups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    verbs: ['create', 'update', 'patch'],
    // Each webhook that keeps its own CA may change its own configuration.
    byName: 'excludes',
    isClusterWide: true,
  },
  {
    power: 'exec into pods',
    groups: [''],
    resources: ['pods/exec', 'pods/attach'],
    verbs: ['create', 'get'],
    byName: 'limits',
  },
  {
    power: 'exec into pods',
    groups: [''],
    resources: ['nodes/proxy'],
    verbs: ['create', 'get'],
    byName: 'is ignored',
    isClusterWide: true,
  },
  {
    power: 'change the images of pods',
    groups: [''],
    resources: ['pods'],
    verbs: ['update', 'patch'],
    byName: 'limits',
  },
  {
    power: 'add ephemeral containers',
    groups: [''],
    resources: ['pods/ephemeralcontainers'],
    verbs: ['update', 'patch'],
    byName: 'limits',
  },
  {
    power: 'annotate ServiceAccounts',
    groups: [''],
    resources: ['serviceaccounts'],
    verbs: ['update', 'patch'],
    byName: 'limits',
  },
  {
    // The rules of a Namespace are annotations of it. For it, a RoleBinding of its own namespace counts.
    power: 'annotate Namespaces',
    groups: [''],
    resources: ['namespaces'],
    verbs: ['update', 'patch'],
    byName: 'is ignored',
  },
  {
    power: 'impersonate ServiceAccounts',
    groups: [''],
    resources: ['serviceaccounts'],
    verbs: ['impersonate'],
    byName: 'limits',
  },
  {
    power: 'impersonate users',
    groups: [''],
    resources: ['users', 'groups'],
    verbs: ['impersonate'],
    byName: 'is ignored',
    isClusterWide: true,
  },
];

/** Powers whose resourceNames are pods, and not ServiceAccounts. */
export const POWERS_OVER_PODS: readonly Power[] = [
  'exec into pods',
  'change the images of pods',
  'add ephemeral containers',
];
