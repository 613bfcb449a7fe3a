import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RbacRule, RbacSubject } from '../facts/rbac-facts.ts';
import { powersOf } from './powers.ts';
import { findTakeovers } from './takeovers.ts';

function rule(apiGroups: string, resources: string, verbs: string, names = ''): RbacRule {
  const split = (text: string) => text.split(' ');
  return {
    apiGroups: split(apiGroups),
    resources: split(resources),
    verbs: split(verbs),
    resourceNames: names === '' ? [] : split(names),
  };
}

/** Each case: rules, and the powers that they give, with the names that limit them. */
const RULES: readonly (readonly [name: string, rules: readonly RbacRule[], powers: readonly string[]])[] = [
  ['everything', [rule('*', '*', '*')], ['administer']],
  [
    'every verb on the core group',
    [rule('', '*', '*')],
    [
      'request tokens',
      'create pods',
      'change workloads',
      'exec into pods',
      'change the images of pods',
      'add ephemeral containers',
      'annotate ServiceAccounts',
      'annotate Namespaces',
      'impersonate ServiceAccounts',
      'impersonate users',
    ],
  ],
  ['create pods', [rule('', 'pods', 'create')], ['create pods']],
  ['create pods of a name, which the API server never allows', [rule('', 'pods', 'create', 'a')], []],
  ['read pods', [rule('', 'pods', 'get list watch')], []],
  ['patch pods, which may replace an image', [rule('', 'pods', 'patch')], ['change the images of pods']],
  ['update a pod', [rule('', 'pods', 'update', 'a')], ['change the images of pods: a']],
  ['the status of pods', [rule('', 'pods/status', 'patch')], []],
  ['the kubelet', [rule('', 'nodes/proxy', 'get')], ['exec into pods']],
  ['the kubelet of a node', [rule('', 'nodes/proxy', 'create', 'node-1')], ['exec into pods']],
  ['nodes', [rule('', 'nodes', 'get list watch')], []],
  ['impersonate users', [rule('', 'users', 'impersonate')], ['impersonate users']],
  ['impersonate a group', [rule('', 'groups', 'impersonate', 'system:masters')], ['impersonate users']],
  ['impersonate attributes', [rule('authentication.k8s.io', 'userextras/x', 'impersonate')], []],
  [
    'webhooks',
    [rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'create')],
    ['change admission webhooks'],
  ],
  [
    'its own webhook',
    [rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'patch', 'podrole')],
    [],
  ],
  [
    'client certificates',
    [rule('certificates.k8s.io', 'signers', 'approve', 'a/b kubernetes.io/kube-apiserver-client')],
    ['approve client certificates'],
  ],
  ['every certificate', [rule('certificates.k8s.io', '*', '*')], ['approve client certificates']],
  [
    'certificates of kubelets',
    [rule('certificates.k8s.io', 'signers', 'approve', 'kubernetes.io/kubelet-serving')],
    [],
  ],
  ['pods of another group', [rule('metrics.k8s.io', 'pods', 'create')], []],
  ['deployments', [rule('apps', 'deployments', 'patch')], ['change workloads']],
  ['one deployment', [rule('apps', 'deployments', 'update', 'web')], ['change workloads']],
  ['deployments of another group', [rule('', 'deployments', 'patch')], ['change workloads']],
  ['cron jobs', [rule('batch', 'cronjobs', 'create')], ['change workloads']],
  ['scale', [rule('apps', 'deployments/scale', 'patch')], []],
  ['tokens', [rule('', 'serviceaccounts/token', 'create')], ['request tokens']],
  ['tokens of two', [rule('', 'serviceaccounts/token', 'create', 'a b')], ['request tokens: a b']],
  [
    'tokens of one and of all',
    [rule('', 'serviceaccounts/token', 'create', 'a'), rule('', '*/token', 'create')],
    ['request tokens'],
  ],
  ['annotate', [rule('', 'serviceaccounts', 'patch')], ['annotate ServiceAccounts']],
  ['create ServiceAccounts', [rule('', 'serviceaccounts', 'create')], []],
  ['impersonate one', [rule('', 'serviceaccounts', 'impersonate', 'a')], ['impersonate ServiceAccounts: a']],
  ['exec', [rule('', 'pods/exec', 'create')], ['exec into pods']],
  ['exec by websocket', [rule('', 'pods/exec', 'get')], ['exec into pods']],
  ['attach', [rule('', 'pods/attach', '*')], ['exec into pods']],
  ['exec of every resource', [rule('*', '*/exec', 'create')], ['exec into pods']],
  ['logs', [rule('', 'pods/log', 'get')], []],
  ['ephemeral containers', [rule('', 'pods/ephemeralcontainers', 'patch')], ['add ephemeral containers']],
  ['bind', [rule('rbac.authorization.k8s.io', 'roles', 'bind')], ['grant rights']],
  ['bind one', [rule('rbac.authorization.k8s.io', 'roles', 'bind', 'view')], ['grant rights: view']],
  ['escalate', [rule('rbac.authorization.k8s.io', 'clusterroles', 'escalate', 'edit')], ['grant rights']],
  ['create roles', [rule('rbac.authorization.k8s.io', 'roles rolebindings', 'create update')], []],
  ['no rules', [], []],
];

for (const [name, rules, expected] of RULES) {
  test(`rights that lead to a role: ${name}`, () => {
    assert.deepEqual(
      powersOf(rules).map(({ power, names }) => (names ? `${power}: ${names.join(' ')}` : power)),
      expected,
    );
  });
}

const PODS = [rule('', 'pods', 'create')];
const subject = (kind: RbacSubject['kind'], name: string, namespace?: string): RbacSubject => ({
  kind,
  name,
  namespace,
});

/** Each case: a subject, the name of its binding, and whether it is reported. */
const SUBJECTS: readonly (readonly [subject: RbacSubject, binding: string, isReported: boolean])[] = [
  [subject('User', 'alice'), 'dev', true],
  [subject('User', 'system:kube-controller-manager'), 'dev', false],
  [subject('User', 'eks:node-manager'), 'dev', false],
  [subject('User', 'system:anonymous'), 'dev', true],
  [subject('User', 'system:serviceaccount:shop:ci'), 'dev', true],
  [subject('Group', 'devs'), 'dev', true],
  [subject('Group', 'system:masters'), 'cluster-admin', false],
  [subject('Group', 'system:nodes'), 'dev', false],
  [subject('Group', 'system:authenticated'), 'dev', true],
  [subject('Group', 'system:unauthenticated'), 'dev', true],
  [subject('Group', 'system:serviceaccounts'), 'dev', true],
  [subject('Group', 'system:serviceaccounts:shop'), 'dev', true],
  [
    subject('ServiceAccount', 'deployment-controller', 'kube-system'),
    'system:controller:deployment-controller',
    false,
  ],
  [subject('ServiceAccount', 'ci', 'kube-system'), 'ci', true],
  [subject('ServiceAccount', 'ci', 'shop'), 'system:ci', true],
];

for (const [who, name, isReported] of SUBJECTS) {
  test(`${who.kind} ${who.name} by ${name} is ${isReported ? '' : 'not '}reported`, () => {
    const binding = {
      namespace: undefined,
      name,
      role: { kind: 'ClusterRole', name: 'r' },
      subjects: [who],
    } as const;
    const roles = [{ namespace: undefined, name: 'r', rules: PODS }];
    assert.equal(findTakeovers({ roles, bindings: [binding] }).length, isReported ? 1 : 0);
  });
}

test('a binding takes a Role of its own namespace, or a ClusterRole', () => {
  const roles = [
    { namespace: 'shop', name: 'r', rules: PODS },
    { namespace: undefined, name: 'c', rules: PODS },
  ];
  const binding = (namespace: string | undefined, kind: 'Role' | 'ClusterRole', name: string) => ({
    namespace,
    name: `${namespace} ${kind} ${name}`,
    role: { kind, name },
    subjects: [subject('User', 'alice')],
  });
  const bindings = [
    binding('shop', 'Role', 'r'),
    binding('ops', 'Role', 'r'),
    binding('ops', 'ClusterRole', 'c'),
    binding(undefined, 'ClusterRole', 'c'),
    binding(undefined, 'ClusterRole', 'r'),
  ];
  assert.deepEqual(
    findTakeovers({ roles, bindings }).map((found) => found.binding.name),
    ['shop Role r', 'ops ClusterRole c', 'undefined ClusterRole c'],
  );
});

/** Each case: resource and verb of a ClusterRole, and whether it counts in a namespace and in the cluster. */
for (const [group, resource, verb, inNamespace] of [
  ['', 'nodes/proxy', 'get', false],
  ['', 'users', 'impersonate', false],
  ['', 'pods/exec', 'get', true],
] as const) {
  test(`a RoleBinding gives ${inNamespace ? '' : 'no '}${verb} on ${resource}`, () => {
    const roles = [{ namespace: undefined, name: 'r', rules: [rule(group, resource, verb)] }];
    const bindings = ['shop', undefined].map((namespace) => ({
      namespace,
      name: `of ${namespace ?? 'the cluster'}`,
      role: { kind: 'ClusterRole', name: 'r' } as const,
      subjects: [subject('User', 'alice')],
    }));
    assert.deepEqual(
      findTakeovers({ roles, bindings }).map((found) => found.binding.name),
      [...(inNamespace ? ['of shop'] : []), 'of the cluster'],
    );
  });
}

for (const [bound, isReported] of [
  ['view', false],
  ['edit', true],
  ['missing', false],
] as const) {
  test(`a right to bind ${bound} is ${isReported ? '' : 'not '}reported`, () => {
    const roles = [
      { namespace: undefined, name: 'view', rules: [rule('', 'pods', 'get')] },
      { namespace: undefined, name: 'edit', rules: PODS },
      {
        namespace: undefined,
        name: 'r',
        rules: [rule('rbac.authorization.k8s.io', 'clusterroles', 'bind', bound)],
      },
    ];
    const binding = {
      namespace: 'shop',
      name: 'b',
      role: { kind: 'ClusterRole', name: 'r' } as const,
      subjects: [subject('User', 'alice')],
    };
    assert.equal(findTakeovers({ roles, bindings: [binding] }).length, isReported ? 1 : 0);
  });
}

test('a user that is a ServiceAccount is named as one', () => {
  const binding = {
    namespace: undefined,
    name: 'b',
    role: { kind: 'ClusterRole', name: 'r' } as const,
    subjects: [subject('User', 'system:serviceaccount:shop:ci')],
  };
  const roles = [{ namespace: undefined, name: 'r', rules: PODS }];
  assert.deepEqual(findTakeovers({ roles, bindings: [binding] })[0]?.subjects, [
    subject('ServiceAccount', 'ci', 'shop'),
  ]);
});
