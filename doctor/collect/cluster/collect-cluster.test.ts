import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect, connectWithToken } from '../../../kubernetes/connect.ts';
import { faultCodeOf } from '../../../lib/errors.ts';
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
import { clusterFactsSchema } from '../../facts/cluster-facts.ts';
import { createOnce } from '../once.ts';
import { collectCluster } from './collect-cluster.ts';

const WEB: Subject = { kind: 'serviceaccount', namespace: 'shop', name: 'web' };
const SETTINGS = {
  annotationPrefix: 'eks.amazonaws.com',
  tokenAudience: 'sts.amazonaws.com',
  composeRoleArn: false,
  accountId: undefined,
  partition: '',
  awsDefaultRegion: '',
};

async function site(t: TestContext): Promise<DoctorCluster> {
  const cluster = await startDoctorCluster();
  t.after(cluster.stop);
  return cluster;
}

async function collect(cluster: DoctorCluster, subject = WEB, signal = new AbortController().signal) {
  const choice = { kubeconfig: undefined, kubeApi: cluster.url };
  const client = connect(choice, {});
  try {
    return await collectCluster({
      client,
      clientWithToken: (token) => connectWithToken(choice, {}, token),
      limits: { timeoutMs: 5_000, signal },
      subject,
      context: 'kind',
      settings: SETTINGS,
      once: createOnce(),
      now: () => new Date(),
    });
  } finally {
    client.close();
  }
}

function read<T>(reading: { readonly state: string; readonly value?: T } | undefined): T {
  assert.equal(reading?.state, 'read', JSON.stringify(reading));
  return (reading as { readonly value: T }).value;
}

test('reads all facts of a healthy chain', async (t) => {
  const cluster = await site(t);
  const { serviceAccountName, chains } = await collect(cluster);
  const [{ grant, container, token, cluster: facts }] = chains;
  assert.equal(serviceAccountName, 'web');
  assert.equal(container, undefined);
  assert.deepEqual(grant, { roleArn: ROLE, audience: 'sts.amazonaws.com' });
  assert.ok(token);
  clusterFactsSchema.parse(facts);
  assert.deepEqual(
    Object.entries(facts).filter(([, reading]) => typeof reading === 'object' && reading.state !== 'read'),
    [],
  );
  assert.equal(read(facts.pod).name, 'web-0');
  assert.equal(read(facts.webhooks)[0]?.endpoints?.state, 'read');
  assert.equal(read(facts.dryRun).pod?.containers[0]?.env[0]?.value, ROLE);
  assert.equal(read(facts.token).verifiedByApiServerKeys, true);
  assert.equal(read(facts.token).subject, 'system:serviceaccount:shop:web');
  assert.equal(read(facts.apiServerAcceptsToken), false);
  assert.ok(Math.abs(read(facts.clockSkewSeconds)) <= 1);
  assert.equal(read(facts.apiServer).version, 'v1.37.0');
  assert.doesNotMatch(JSON.stringify(chains), /eyJ/);
});

test('stores nothing: the only writes are a dry run, a token and two reviews', async (t) => {
  const cluster = await site(t);
  const before = [...cluster.objects.keys()];
  await collect(cluster);
  assert.deepEqual([...cluster.objects.keys()], before);
  const writes = cluster.requests.filter(({ method }) => method !== 'GET').map(({ target }) => target);
  assert.deepEqual(
    writes.sort(),
    [
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      '/api/v1/namespaces/shop/pods?dryRun=All',
      '/api/v1/namespaces/shop/serviceaccounts/web/token',
    ].sort(),
  );
});

test('whatever is refused, the rest is read', async (t) => {
  const cluster = await site(t);
  for (const status of [401, 403, 500]) {
    cluster.trouble = ({ pathname }) =>
      pathname === SERVICE_ACCOUNT_PATH ? undefined : { status, message: 'no' };
    const { chains } = await collect(cluster);
    const [{ grant, token, cluster: facts }] = chains;
    assert.equal(grant?.roleArn, ROLE);
    assert.equal(token, undefined);
    clusterFactsSchema.parse(facts);
    const { clockSkewSeconds, serviceAccount, events, apiServerAcceptsToken, dryRun, ...refused } = facts;
    assert.equal(clockSkewSeconds.state, 'read');
    assert.equal(serviceAccount.state, 'read');
    assert.equal(events.state, 'not asked');
    assert.equal(apiServerAcceptsToken.state, 'not asked');
    assert.equal(dryRun.state, { 401: 'failed', 403: 'denied', 500: 'read' }[status]);
    for (const [name, reading] of Object.entries(refused)) {
      if (typeof reading === 'object')
        assert.equal(reading.state, status === 403 ? 'denied' : 'failed', `${status} ${name}`);
      if (typeof reading === 'object' && reading.state === 'failed')
        assert.match(
          reading.remedy ?? '',
          status === 401 ? /^renew the credentials of this kubeconfig/ : /^$/,
        );
    }
  }
});

test('a refusal by admission is not taken for a missing right', async (t) => {
  const cluster = await site(t);
  cluster.trouble = ({ target }) =>
    target.endsWith('/pods?dryRun=All') ? { status: 403, message: 'exceeded quota: pods' } : undefined;
  const refused = read((await collect(cluster)).chains[0].cluster.dryRun);
  assert.match(refused.refused ?? '', /exceeded quota/);
  cluster.mayCreatePods = false;
  assert.equal((await collect(cluster)).chains[0].cluster.dryRun.state, 'denied');
});

/** Each kind with the owner of its pods, and one that has a similar name. */
const SUBJECTS: readonly (readonly [kind: Subject['kind'], path: string, owner: string, other: string])[] = [
  [
    'deployment',
    '/apis/apps/v1/namespaces/shop/deployments/web',
    'ReplicaSet/web-5f1c',
    'ReplicaSet/web-api-5f1c',
  ],
  ['statefulset', '/apis/apps/v1/namespaces/shop/statefulsets/web', 'StatefulSet/web', 'StatefulSet/web-1'],
  ['daemonset', '/apis/apps/v1/namespaces/shop/daemonsets/web', 'DaemonSet/web', 'DaemonSet/web-1'],
  ['job', '/apis/batch/v1/namespaces/shop/jobs/web', 'Job/web', 'Job/web-1'],
  ['cronjob', '/apis/batch/v1/namespaces/shop/cronjobs/web', 'Job/web-29340', 'Job/web-api-29340'],
];
for (const [kind, path, owner, other] of SUBJECTS) {
  test(`finds ServiceAccount and newest pod of a ${kind}`, async (t) => {
    const cluster = await site(t);
    const template = { metadata: { labels: { app: 'web' } }, spec: podOf('x')['spec'] };
    const spec = { selector: { matchLabels: { app: 'web' } }, template };
    cluster.store(path, {
      metadata: { namespace: 'shop', name: 'web' },
      spec: kind === 'cronjob' ? { jobTemplate: { spec } } : spec,
    });
    for (const [podName, createdAt, phase, ownedBy] of [
      ['web-old', '2026-01-03T10:00:00Z', 'Running', owner],
      ['web-new', '2026-01-04T10:00:00Z', 'Running', owner],
      ['web-ended', '2026-01-05T10:00:00Z', 'Succeeded', owner],
      ['web-other', '2026-01-06T10:00:00Z', 'Running', other],
    ] as const) {
      const [ownerKind, name] = ownedBy.split('/');
      const pod = podOf(podName);
      const ownerReferences = [{ kind: ownerKind, name, controller: true }];
      cluster.store(`/api/v1/namespaces/shop/pods/${podName}`, {
        ...withRole(pod),
        metadata: { ...(pod['metadata'] as object), creationTimestamp: createdAt, ownerReferences },
        status: { phase },
      });
    }
    const { chains, serviceAccountName } = await collect(cluster, { ...WEB, kind });
    assert.equal(serviceAccountName, 'web');
    assert.equal(read(chains[0].cluster.pod).name, 'web-new');
    assert.equal(read(chains[0].cluster.pod).owner, owner);
    const sent = cluster.requests.find(({ target }) => target.endsWith('dryRun=All'))?.body;
    assert.match(JSON.stringify(sent), /"labels":\{"app":"web"\}/);
  });
}

for (const kind of ['pod', 'serviceaccount', 'deployment', 'cronjob'] as const) {
  test(`a ${kind} that does not exist is an error`, async (t) => {
    const cluster = await site(t);
    const failed = await collect(cluster, { kind, namespace: 'shop', name: 'nope' }).catch(faultCodeOf);
    assert.equal(failed, 'SUBJECT_MISSING');
  });
}

test('a pod that may not be read is an error that names the right', async (t) => {
  const cluster = await site(t);
  cluster.trouble = ({ pathname }) => (pathname === POD_PATH ? { status: 403 } : undefined);
  await assert.rejects(collect(cluster, { kind: 'pod', namespace: 'shop', name: 'web-0' }), /get on pods/);
});

test('each container with a role of its own is a chain with its own token', async (t) => {
  const cluster = await site(t);
  const other = `${ROLE}-logs`;
  cluster.store(SERVICE_ACCOUNT_PATH, {
    metadata: {
      namespace: 'shop',
      name: 'web',
      annotations: {
        'eks.amazonaws.com/role-arn': ROLE,
        'podrole.dev/container-roles': `logs=${other},bad=x`,
      },
    },
  });
  const { chains } = await collect(cluster);
  const found = chains.map(({ container, grant, cluster: { token } }) => [
    container,
    grant?.roleArn,
    read(token).audiences.join(),
  ]);
  assert.deepEqual(found, [
    [undefined, ROLE, 'sts.amazonaws.com'],
    ['logs', other, 'sts.amazonaws.com/logs'],
    ['bad', undefined, 'sts.amazonaws.com'],
  ]);
});

test('without an annotation, the role is that of the dry run, then that of the pod', async (t) => {
  const cluster = await site(t);
  cluster.store(SERVICE_ACCOUNT_PATH, { metadata: { namespace: 'shop', name: 'web' } });
  cluster.admit = (pod) => withRole(pod, `${ROLE}-map`);
  assert.equal((await collect(cluster)).chains[0].grant?.roleArn, `${ROLE}-map`);
  cluster.admit = (pod) => pod;
  assert.equal((await collect(cluster)).chains[0].grant?.roleArn, ROLE);
  cluster.objects.delete(POD_PATH);
  assert.equal((await collect(cluster)).chains[0].grant, undefined);
});

test('an API server that takes the audience for a login is found out', async (t) => {
  const cluster = await site(t);
  cluster.apiAudiences.push('sts.amazonaws.com');
  const { chains } = await collect(cluster);
  assert.equal(read(chains[0].cluster.apiServerAcceptsToken), true);
});

test('a token that the published keys do not verify is found out', async (t) => {
  const cluster = await site(t);
  const other = await site(t);
  cluster.objects.set('/openid/v1/jwks', other.objects.get('/openid/v1/jwks') ?? {});
  assert.equal(read((await collect(cluster)).chains[0].cluster.token).verifiedByApiServerKeys, false);
});

test('an interrupt ends the run', async (t) => {
  const cluster = await site(t);
  const controller = new AbortController();
  cluster.trouble = () => {
    controller.abort();
    return 'silence';
  };
  const failed = await collect(cluster, WEB, controller.signal).catch(faultCodeOf);
  assert.equal(failed, 'STOPPED');
});

test('reads which STS podrole agent asks, from its DaemonSet and its ConfigMap', async (t) => {
  const cluster = await site(t);
  const container = {
    name: 'agent',
    image: 'registry.test/podrole:1',
    args: ['agent'],
    envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'settings' } }],
    env: [{ name: 'AWS_REGION', value: 'eu-west-1' }, { name: 'PODROLE_NODE_NAME' }],
  };
  const metadata = { namespace: 'podrole-agent', name: 'podrole-agent' };
  const spec = {
    selector: { matchLabels: { app: 'agent' } },
    template: { spec: { containers: [container] } },
  };
  cluster.store('/apis/apps/v1/namespaces/podrole-agent/daemonsets/podrole-agent', { metadata, spec });
  const stsEnv = async () => read((await collect(cluster)).chains[0].cluster.nodeAgents)[0]?.stsEnv;
  assert.deepEqual(read(await stsEnv()), { AWS_REGION: 'eu-west-1' });
  const path = '/api/v1/namespaces/podrole-agent/configmaps/settings';
  const data = {
    AWS_REGION: 'eu-north-1',
    AWS_ENDPOINT_URL_STS: 'https://sts.test',
    AWS_SECRET_KEY: 'other',
  };
  cluster.store(path, { metadata: { namespace: 'podrole-agent', name: 'settings' }, data });
  assert.deepEqual(read(await stsEnv()), {
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_STS: 'https://sts.test',
  });
  cluster.trouble = ({ pathname }) => (pathname === path ? { status: 403, message: 'no' } : undefined);
  assert.equal((await stsEnv())?.state, 'denied');
});
