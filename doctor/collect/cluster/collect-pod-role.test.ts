import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect, connectWithToken } from '../../../kubernetes/connect.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import type { Subject } from '../../../lib/operands/subjects.ts';
import {
  type DoctorCluster,
  POD_PATH,
  podOf,
  ROLE,
  SERVICE_ACCOUNT_PATH,
  startDoctorCluster,
  withRole,
} from '../../../testing/doctor/doctor-cluster.ts';
import { createOnce } from '../once.ts';
import { collectCluster } from './collect-cluster.ts';
import type { GrantSettings } from './grants.ts';

const KEY = 'iam.amazonaws.com/role';
const BASE = 'arn:aws:iam::111122223333:role/';
const POD: Subject = { kind: 'pod', namespace: 'shop', name: 'web-0' };
const SETTINGS: GrantSettings = {
  annotationPrefix: 'eks.amazonaws.com',
  tokenAudience: 'sts.amazonaws.com',
  composeRoleArn: false,
  accountId: undefined,
  partition: '',
  awsDefaultRegion: '',
};
const ON: GrantSettings = { ...SETTINGS, podRoleAnnotation: KEY, baseRoleArn: BASE };

type Annotations = Readonly<Record<string, string>>;

/** A cluster whose pod names a role, and whose webhook gives this one. */
async function site(t: TestContext, annotations: Annotations, admitted?: string): Promise<DoctorCluster> {
  const cluster = await startDoctorCluster();
  t.after(cluster.stop);
  cluster.admit = (pod) => (admitted === undefined ? pod : withRole(pod, admitted));
  cluster.store(SERVICE_ACCOUNT_PATH, { metadata: { namespace: 'shop', name: 'web', uid: 'sa-1' } });
  const pod: JsonObject = podOf('web-0');
  cluster.store(POD_PATH, { ...pod, metadata: { ...Object(pod['metadata']), annotations } });
  return cluster;
}

async function collect(cluster: DoctorCluster, settings: GrantSettings, subject = POD) {
  const choice = { kubeconfig: undefined, kubeApi: cluster.url };
  const client = connect(choice, {});
  try {
    const { chains } = await collectCluster({
      ...{ client, subject, settings, context: 'kind', once: createOnce(), now: () => new Date() },
      clientWithToken: (token) => connectWithToken(choice, {}, token),
      limits: { timeoutMs: 5_000, signal: new AbortController().signal },
    });
    return chains;
  } finally {
    client.close();
  }
}

const OTHER = 'arn:aws:iam::444455556666:role/team/shop-web';
/** Role of the chain, and whether it is named by the pod. */
const CASES: readonly (readonly [
  what: string,
  given: string | undefined,
  settings: GrantSettings,
  admitted: string | undefined,
  expected: string,
])[] = [
  ['a name', 'shop-web', ON, ROLE, `pod ${ROLE}`],
  ['a name with a slash', '/shop-web', ON, ROLE, `pod ${ROLE}`],
  ['a path', 'team/shop-web', ON, undefined, `pod ${BASE}team/shop-web`],
  ['an ARN', OTHER, ON, OTHER, `pod ${OTHER}`],
  ['a name without a prefix', 'shop-web', { ...ON, baseRoleArn: undefined }, undefined, 'pod undefined'],
  [
    'a name, completed by the account',
    'shop-web',
    { ...ON, baseRoleArn: undefined, composeRoleArn: true, accountId: '111122223333', partition: 'aws' },
    undefined,
    `pod ${ROLE}`,
  ],
  ['a name with a blank', 'a b', ON, undefined, 'pod undefined'],
  ['an empty annotation', '', ON, undefined, 'other undefined'],
  ['no annotation', undefined, ON, undefined, 'other undefined'],
  ['no option, and a webhook with it', 'shop-web', SETTINGS, ROLE, `pod ${ROLE}`],
  ['no option, and a webhook with it that gives an ARN', OTHER, SETTINGS, OTHER, `pod ${OTHER}`],
  ['no option, and a webhook that gives another role', 'web', SETTINGS, ROLE, `other ${ROLE}`],
  ['no option, and a webhook without it', 'shop-web', SETTINGS, undefined, 'other undefined'],
  ['another key', undefined, { ...ON, podRoleAnnotation: 'example.com/role' }, undefined, 'pod undefined'],
];
for (const [what, given, settings, admitted, expected] of CASES) {
  test(`the role of a pod with ${what}: ${expected}`, async (t) => {
    const annotations: Annotations =
      settings.podRoleAnnotation === 'example.com/role'
        ? { 'example.com/role': 'not a role' }
        : given === undefined
          ? {}
          : { [KEY]: given };
    const [{ grant, podRole }] = await collect(await site(t, annotations, admitted), settings);
    assert.equal(`${podRole ? 'pod' : 'other'} ${grant?.roleArn}`, expected);
    if (podRole) assert.equal(podRole.roleArn, grant?.roleArn);
  });
}

test('the role of the pod wins over that of its ServiceAccount, and containers keep theirs', async (t) => {
  const cluster = await site(t, { [KEY]: 'shop-web' }, ROLE);
  const annotations = {
    'eks.amazonaws.com/role-arn': OTHER,
    'eks.amazonaws.com/audience': 'aws',
    'podrole.dev/container-roles': `logs=${OTHER}`,
  };
  cluster.store(SERVICE_ACCOUNT_PATH, { metadata: { namespace: 'shop', name: 'web', annotations } });
  const chains = await collect(cluster, ON);
  assert.deepEqual(
    chains.map(({ container, grant, podRole }) => [container, grant, podRole?.key]),
    [
      [undefined, { roleArn: ROLE, audience: 'aws' }, KEY],
      ['logs', { roleArn: OTHER, audience: 'aws/logs' }, undefined],
    ],
  );
});

test('session name and external ID are kept as far as they are judged', async (t) => {
  const more = { 'iam.amazonaws.com/session-name': 'a/b', 'iam.amazonaws.com/external-id': 'hidden' };
  const [{ podRole }] = await collect(await site(t, { [KEY]: 'shop-web', ...more }, ROLE), ON);
  assert.deepEqual([podRole?.sessionName, podRole?.hasExternalId], ['a/b', true]);
  assert.doesNotMatch(JSON.stringify(podRole), /hidden/);
});

test('a Namespace is kept as far as it is a rule', async (t) => {
  const cluster = await site(t, { [KEY]: 'shop-web' }, ROLE);
  const annotations = { 'iam.amazonaws.com/permitted': '.*', secret: 'x' };
  cluster.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', annotations, labels: { a: 'b' } } });
  const [{ cluster: facts }] = await collect(cluster, ON);
  assert.deepEqual(facts.namespaceRules, {
    state: 'read',
    value: { name: 'shop', annotations: { 'iam.amazonaws.com/permitted': '.*' } },
  });
  assert.deepEqual(facts.namespaceLabels, { state: 'read', value: { a: 'b' } });
});

const DEPLOYMENT: Subject = { kind: 'deployment', namespace: 'shop', name: 'web' };

test('refusals are those of the controllers of a workload without pods', async (t) => {
  const cluster = await site(t, {});
  cluster.objects.delete(POD_PATH);
  const template = { metadata: { annotations: { [KEY]: 'shop-web' } }, spec: { serviceAccountName: 'web' } };
  cluster.store('/apis/apps/v1/namespaces/shop/deployments/web', {
    metadata: { namespace: 'shop', name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, template },
  });
  const event = (name: string, of: string, message: string) =>
    cluster.store(`/api/v1/namespaces/shop/events/${name}`, {
      metadata: { namespace: 'shop', name },
      involvedObject: { kind: 'ReplicaSet', name: of },
      reason: 'FailedCreate',
      message,
    });
  event('a', 'web-5f1c', 'one');
  event('b', 'web-db-5f1c', 'of another');
  event('c', 'web-77aa', 'two');
  event('d', 'web-5f1c', 'one');
  const [{ podRole, cluster: facts }] = await collect(cluster, ON, DEPLOYMENT);
  assert.equal(podRole?.roleArn, ROLE);
  assert.deepEqual(facts.refusals, { state: 'read', value: ['two', 'one'] });
});
