import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import { buildModel } from '../build-model.ts';
import type { RbacFacts } from '../facts/rbac-facts.ts';

const WEB = auditRoleArn('web');
const web = auditServiceAccount('shop/web', WEB);
const healthy = {
  cluster: { serviceAccounts: [web] },
  iam: { roles: [auditRole('web', trusts('shop/web'))] },
};

function rights(
  resource: string,
  verb: string,
  namespace: string | undefined = 'shop',
  names: string[] = [],
): RbacFacts {
  return {
    roles: [
      {
        namespace: undefined,
        name: 'dev',
        rules: [{ apiGroups: ['', 'apps'], resources: [resource], verbs: [verb], resourceNames: names }],
      },
    ],
    bindings: [
      {
        namespace,
        name: 'devs',
        role: { kind: 'ClusterRole', name: 'dev' },
        subjects: [
          { kind: 'User', name: 'alice', namespace: undefined },
          { kind: 'ServiceAccount', name: 'ci', namespace: 'ops' },
        ],
      },
    ],
  };
}
const withRights = (...args: Parameters<typeof rights>) => ({
  ...healthy,
  cluster: { serviceAccounts: [web], pods: [auditPod('web-1', 'shop/web')], rbac: rights(...args) },
});

/** Each case: what there is, and `CODE object text` of each finding. */
const CASES: readonly (readonly [
  name: string,
  world: Parameters<typeof auditFacts>[0],
  findings: readonly string[],
])[] = [
  ...(
    [
      ['CAN_CREATE_PODS', 'pods', 'create', 'create pods'],
      ['CAN_CHANGE_WORKLOADS', 'deployments', 'patch', 'change workloads'],
      ['CAN_REQUEST_TOKENS', 'serviceaccounts/token', 'create', 'request tokens'],
      ['CAN_ANNOTATE', 'serviceaccounts', 'update', 'annotate ServiceAccounts'],
      ['CAN_IMPERSONATE', 'serviceaccounts', 'impersonate', 'impersonate ServiceAccounts'],
      ['CAN_EXEC', 'pods/exec', 'create', 'exec into pods'],
      ['CAN_EXEC', 'pods', 'patch', 'change the images of pods'],
      ['CAN_ADD_EPHEMERAL_CONTAINERS', 'pods/ephemeralcontainers', 'patch', 'add ephemeral containers'],
    ] as const
  ).map(
    ([code, resource, verb, words]) =>
      [
        `a right that leads to a role: ${words}`,
        withRights(resource, verb),
        [
          `${code} RoleBinding shop/devs lets User alice, ServiceAccount ops/ci ${words} in namespace shop, by ClusterRole dev, and so get ${WEB} of shop/web`,
        ],
      ] as const,
  ),
  ['rights in a namespace without roles', withRights('pods', 'create', 'ops'), []],
  [
    'tokens of one ServiceAccount that has a role',
    withRights('serviceaccounts/token', 'create', 'shop', ['web', 'other']),
    [
      `CAN_REQUEST_TOKENS RoleBinding shop/devs lets User alice, ServiceAccount ops/ci request tokens (only web, other) in namespace shop, by ClusterRole dev, and so get ${WEB} of shop/web`,
    ],
  ],
  [
    'tokens of a ServiceAccount without a role',
    withRights('serviceaccounts/token', 'create', 'shop', ['other']),
    [],
  ],
  [
    'exec into one pod',
    withRights('pods/exec', 'create', 'shop', ['web-1']),
    [
      `CAN_EXEC RoleBinding shop/devs lets User alice, ServiceAccount ops/ci exec into pods (only web-1) in namespace shop, by ClusterRole dev, and so get ${WEB} of shop/web`,
    ],
  ],
  ['exec into a pod that does not run', withRights('pods/exec', 'create', 'shop', ['web']), []],
  [
    'an administrator',
    {
      ...healthy,
      cluster: {
        serviceAccounts: [web],
        rbac: {
          roles: [
            {
              namespace: undefined,
              name: 'cluster-admin',
              rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'], resourceNames: [] }],
            },
          ],
          bindings: [
            {
              namespace: undefined,
              name: 'admins',
              role: { kind: 'ClusterRole', name: 'cluster-admin' },
              subjects: [{ kind: 'Group', name: 'admins', namespace: undefined }],
            },
          ],
        },
      },
    },
    [
      `CLUSTER_ADMINISTRATOR ClusterRoleBinding admins lets Group admins do everything in every namespace, by ClusterRole cluster-admin, and so get ${WEB} of shop/web`,
    ],
  ],
  ...(
    [
      ['Group', 'system:authenticated'],
      ['Group', 'system:serviceaccounts'],
      ['User', 'system:anonymous'],
    ] as const
  ).map(
    ([kind, name]) =>
      [
        `everybody is an administrator: ${name}`,
        {
          ...healthy,
          cluster: {
            serviceAccounts: [web],
            rbac: {
              roles: [
                {
                  namespace: undefined,
                  name: 'cluster-admin',
                  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'], resourceNames: [] }],
                },
              ],
              bindings: [
                {
                  namespace: undefined,
                  name: 'all',
                  role: { kind: 'ClusterRole', name: 'cluster-admin' },
                  subjects: [{ kind, name, namespace: undefined }],
                },
              ],
            },
          },
        },
        [
          `CAN_GRANT_RIGHTS ClusterRoleBinding all lets ${kind} ${name} do everything in every namespace, by ClusterRole cluster-admin, and so get ${WEB} of shop/web`,
        ],
      ] as const,
  ),
  [
    'a right to grant rights',
    {
      ...healthy,
      cluster: {
        serviceAccounts: [web],
        rbac: {
          ...rights('x', 'y'),
          roles: [
            {
              namespace: undefined,
              name: 'dev',
              rules: [
                {
                  apiGroups: ['rbac.authorization.k8s.io'],
                  resources: ['roles'],
                  verbs: ['escalate'],
                  resourceNames: [],
                },
              ],
            },
          ],
        },
      },
    },
    [
      `CAN_GRANT_RIGHTS RoleBinding shop/devs lets User alice, ServiceAccount ops/ci grant rights in namespace shop, by ClusterRole dev, and so get ${WEB} of shop/web`,
    ],
  ],
];

for (const [name, world, expected] of CASES) {
  test(`finding: ${name}`, () => {
    const { findings } = buildModel(auditFacts(world), () => []);
    assert.deepEqual(
      findings.map(({ code, object, text }) => `${code} ${object} ${text}`),
      expected,
    );
  });
}

test('nobody is sent to change a role that Kubernetes itself keeps', () => {
  for (const [name, remedy] of [
    ['edit', /^bind a narrower role than ClusterRole edit/],
    ['dev', /^remove what is not needed from ClusterRole dev/],
  ] as const) {
    const { roles, bindings } = rights('pods', 'create');
    const rbac = {
      roles: roles.map((role) => ({ ...role, name })),
      bindings: bindings.map((binding) => ({ ...binding, role: { kind: 'ClusterRole' as const, name } })),
    };
    const world = { ...healthy, cluster: { serviceAccounts: [web], rbac } };
    const [finding] = buildModel(auditFacts(world), () => []).findings;
    assert.match(finding?.remedy.text ?? '', remedy);
  }
});
