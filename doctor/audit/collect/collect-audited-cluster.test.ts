import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { NEVER_ABORTED } from '../../../lib/never-aborted.ts';
import { auditFacts } from '../../../testing/doctor/audit-facts.ts';
import {
  DISCOVERY_PATH,
  type FakeCluster,
  startFakeCluster,
} from '../../../testing/kubernetes/fake-cluster.ts';
import type { AuditJudgement, ClusterAuditFacts } from '../facts/audit-facts.ts';
import { collectAuditedCluster } from './collect-audited-cluster.ts';
import { nodeRolesIn } from './node-roles.ts';

const WEB = 'arn:aws:iam::111122223333:role/web';
const NODES = 'arn:aws:iam::111122223333:role/nodes';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
let cluster: FakeCluster;
let client: ApiClient;

before(async () => {
  cluster = await startFakeCluster({ mostPerPage: 2 });
  client = connect({ kubeconfig: undefined, kubeApi: cluster.url }, {});
  const { objects } = cluster;
  objects.set(DISCOVERY_PATH, { issuer: 'https://oidc.example.test/one' });
  for (const name of ['shop', 'ops', 'kube-system'])
    objects.set(`/api/v1/namespaces/${name}`, { metadata: { name, labels: { team: name } } });
  for (const [name, providerID] of [
    ['n1', 'aws:///eu-central-1a/i-1'],
    ['n2', 'aws:///eu-central-1a/i-2'],
    ['n3', 'kind://x'],
  ])
    objects.set(`/api/v1/nodes/${name}`, { metadata: { name }, spec: { providerID } });
  objects.set('/api/v1/namespaces/kube-system/configmaps/aws-auth', {
    metadata: { namespace: 'kube-system', name: 'aws-auth' },
    data: {
      mapRoles: `- rolearn: ${NODES}\n  groups: [system:bootstrappers, system:nodes]\n- rolearn: ${WEB}\n  groups: [system:masters]\n`,
    },
  });
  objects.set('/apis/apps/v1/namespaces/kube-system/daemonsets/kube2iam', {
    metadata: { namespace: 'kube-system', name: 'kube2iam' },
    spec: { template: { spec: { containers: [{ name: 'a', image: 'jtblin/kube2iam:0.11' }] } } },
  });
  objects.set(`${RBAC}/clusterroles/dev`, {
    metadata: { name: 'dev' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
      { nonResourceURLs: ['/'], verbs: ['get'] },
    ],
  });
  objects.set(`${RBAC}/namespaces/shop/rolebindings/devs`, {
    metadata: { namespace: 'shop', name: 'devs' },
    roleRef: { kind: 'ClusterRole', name: 'dev' },
    subjects: [
      { kind: 'User', name: 'alice' },
      { kind: 'ServiceAccount', name: 'ci' },
      { kind: 'Robot', name: 'x' },
    ],
  });
  cluster.put({
    metadata: {
      namespace: 'shop',
      name: 'web',
      annotations: { 'eks.amazonaws.com/role-arn': WEB, other: 'x' },
    },
  });
  cluster.put({ metadata: { namespace: 'ops', name: 'default' } });
  for (const [name, createdAt, phase] of [
    ['web-1', '2026-01-01T00:00:00Z', 'Running'],
    ['web-3', '2026-01-03T00:00:00Z', 'Succeeded'],
    ['web-2', '2026-01-02T00:00:00Z', 'Running'],
  ] as const)
    cluster.put(
      {
        metadata: { namespace: 'shop', name, creationTimestamp: createdAt },
        spec: {
          serviceAccountName: 'web',
          volumes: [
            {
              name: 't',
              projected: { sources: [{ serviceAccountToken: { audience: 'x', path: 'token' } }] },
            },
          ],
          containers: [
            {
              name: 'a',
              volumeMounts: [{ name: 't', mountPath: '/var/run/aws' }],
              env: [
                { name: 'AWS_ROLE_ARN', value: WEB },
                { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/aws/token' },
              ],
            },
          ],
        },
        status: { phase },
      },
      'pods',
    );
  cluster.put(
    {
      metadata: { namespace: 'ops', name: 'old', annotations: { 'iam.amazonaws.com/role': 'legacy' } },
      spec: {
        hostNetwork: true,
        containers: [
          {
            name: 'a',
            env: [
              { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' },
            ],
          },
        ],
      },
      status: { phase: 'Pending' },
    },
    'pods',
  );
});

after(async () => {
  client.close();
  await cluster.stop();
});

async function collect(settings: Partial<AuditJudgement> = {}): Promise<ClusterAuditFacts> {
  const found = await collectAuditedCluster({
    client,
    limits: { timeoutMs: 10_000, signal: NEVER_ABORTED },
    context: 'prod',
    settings: auditFacts({ settings }).settings,
    findsKeys: true,
    now: () => new Date('2026-08-01T12:00:00Z'),
    collectIssuer: async (url) => ({
      url,
      addresses: { state: 'not asked', why: 'a test' },
      isProxied: false,
      discovery: { state: 'not asked', why: 'a test' },
      keySet: { state: 'not asked', why: 'a test' },
      privateMembers: {},
      chain: { state: 'not asked', why: 'a test' },
    }),
  });
  if ('failed' in found) throw new Error(found.failed);
  return found;
}

test('reads what an audit needs, page by page, and keeps nothing else', async () => {
  const { chain, rbac, ...facts } = await collect();
  assert.deepEqual(
    {
      ...facts,
      serviceAccounts: facts.serviceAccounts.map(({ namespace, name, annotations }) => ({
        namespace,
        name,
        annotations,
      })),
    },
    {
      context: 'prod',
      issuer: 'https://oidc.example.test/one',
      namespaceCount: 3,
      namespaceRules: new Map(),
      serviceAccounts: [
        { namespace: 'shop', name: 'web', annotations: { 'eks.amazonaws.com/role-arn': WEB } },
        { namespace: 'ops', name: 'default', annotations: {} },
      ],
      hasAllServiceAccounts: true,
      pods: [
        ...['web-1', 'web-2'].map((name) => ({
          namespace: 'shop',
          name,
          serviceAccount: 'web',
          hostNetwork: false,
          kube2iamRole: undefined,
          roles: [{ container: 'a', roleArn: WEB, audience: 'x', servedBy: 'web identity' }],
          usesPodIdentity: false,
          isRedirected: false,
        })),
        {
          namespace: 'ops',
          name: 'old',
          serviceAccount: 'default',
          hostNetwork: true,
          kube2iamRole: 'legacy',
          roles: [],
          usesPodIdentity: true,
          isRedirected: false,
        },
      ],
      nodes: { count: 3, onEc2: 2, roleArns: [NODES] },
      agents: [
        {
          kind: 'kube2iam',
          namespace: 'kube-system',
          name: 'kube2iam',
          desired: 0,
          ready: 0,
          onNode: 'unknown',
        },
      ],
      keys: [],
      metadataProbe: undefined,
      unread: ['EKS Pod Identity: pods use it; its associations are in the API of EKS, which is not read'],
    },
  );
  assert.deepEqual(rbac, {
    roles: [
      {
        namespace: undefined,
        name: 'dev',
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['create'], resourceNames: [] },
          { apiGroups: [], resources: [], verbs: ['get'], resourceNames: [] },
        ],
      },
    ],
    bindings: [
      {
        namespace: 'shop',
        name: 'devs',
        role: { kind: 'ClusterRole', name: 'dev' },
        subjects: [
          { kind: 'User', name: 'alice', namespace: undefined },
          { kind: 'ServiceAccount', name: 'ci', namespace: 'shop' },
        ],
      },
    ],
  });
  assert.deepEqual(
    [...chain.newestPods].map(([key, pod]) => [key, pod.name]),
    [['shop/web', 'web-2']],
  );
});

test('one namespace', async () => {
  const { serviceAccounts, pods, namespaceCount } = await collect({ namespace: 'ops' });
  assert.deepEqual(
    [serviceAccounts.map(({ name }) => name), pods.map(({ name }) => name), namespaceCount],
    [['default'], ['old'], 1],
  );
});

for (const [name, mapRoles, expected] of [
  ['nothing', '', []],
  ['not YAML', '- rolearn: [', []],
  ['not a list', 'rolearn: x', []],
  ['aliases', `- &a {rolearn: ${NODES}, groups: [system:nodes]}\n- *a\n`, []],
  ['not an ARN', '- {rolearn: nodes, groups: [system:nodes]}', []],
  [
    'twice',
    `- {rolearn: ${NODES}, groups: [system:nodes]}\n- {rolearn: ${NODES}, groups: [system:nodes]}`,
    [NODES],
  ],
] as const) {
  test(`roles of nodes in aws-auth: ${name}`, () => {
    assert.deepEqual(nodeRolesIn(mapRoles), expected);
  });
}
