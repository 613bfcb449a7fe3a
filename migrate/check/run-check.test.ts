import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  type CheckCluster,
  startCheckCluster,
  storePod,
  storeProxy,
} from '../../testing/migrate/check-cluster.ts';

const LISTENING =
  '2026-11-29T00:00:01.5Z time="2026-11-29T00:00:01Z" level=info msg="Listening on port 8181"';

function asked(time: string, address: string, path = 'security-credentials/shop-web', status = 200): string {
  return `2026-11-30T${time}.25Z time="2026-11-30T${time}Z" level=info msg="GET x (${status}) took 0.1 ms" req.method=GET req.path=/latest/meta-data/${path.startsWith('security') ? 'iam/' : ''}${path} req.remote=${address} res.duration=0.1 res.status=${status}`;
}

let cluster: CheckCluster;
beforeEach(async () => {
  cluster = await startCheckCluster();
});
afterEach(() => cluster.stop());

const summary = async (changes?: Parameters<CheckCluster['check']>[0]) => {
  const { outcome, json } = await cluster.check(changes);
  const states = json.workloads.map(({ kind, name, state }) => `${kind} ${name} ${state}`);
  return { outcome, states, proxy: json.proxy.isNeeded, json };
};

test('a workload asks', async () => {
  storeProxy(cluster, 'kube2iam');
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web' });
  cluster.logs.set('kube2iam-1', [LISTENING, asked('01:30:00', '10.1.0.1')]);
  const { outcome, states, proxy, json } = await summary();
  assert.deepEqual([outcome, states, proxy], ['changes', ['Deployment web old proxy'], 'yes']);
  assert.equal(json.workloads[0]?.lastAsked, '2026-11-30T01:30:00.250Z');
});

test('all have moved', async () => {
  storeProxy(cluster, 'kube2iam');
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
  cluster.logs.set('kube2iam-1', [LISTENING, asked('00:30:00', '10.1.0.1')]);
  const { outcome, states, proxy } = await summary();
  assert.deepEqual([outcome, states, proxy], ['done', ['Deployment web moved'], 'no']);
  assert.equal((await summary({ sinceMs: 2 * 3_600_000 })).outcome, 'changes');
});

test('the sidecar is a way of podrole too', async () => {
  storeProxy(cluster, 'kube2iam');
  const spec = { containers: [{ name: 'podrole-sidecar', image: 'podrole' }] };
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', spec });
  cluster.logs.set('kube2iam-1', [LISTENING, asked('01:30:00', '10.1.0.1')]);
  const { states, json } = await summary();
  assert.deepEqual(states, ['Deployment web both']);
  assert.match(json.workloads[0]?.notes.join() ?? '', /mode metadata/);
});

test('the proxy is gone', async () => {
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
  const { outcome, proxy, json } = await summary();
  assert.deepEqual([outcome, proxy, json.proxy.why], ['done', 'no', 'no pod of kube2iam was found']);
});

const GAPS: readonly (readonly [name: string, prepare: () => void, gap: RegExp])[] = [
  ['it waits to start', () => {}, /waiting to start/],
  ['it is empty', () => cluster.logs.set('kube2iam-1', []), /begins at 2026-11-30T02:00:00/],
  [
    'its level leaves requests out',
    () => {
      storeProxy(cluster, 'kube2iam', ['--log-level=warn']);
      cluster.logs.set('kube2iam-1', [LISTENING]);
    },
    /leaves out requests, by its flag --log-level=warn/,
  ],
  [
    'it was rotated',
    () => cluster.logs.set('kube2iam-1', [asked('01:50:00', '10.1.0.9', 'placement/region')]),
    /begins at 2026-11-30T01:50:00/,
  ],
  [
    'the proxy restarted',
    () => {
      storeProxy(cluster, 'kube2iam', [], '2026-11-30T01:55:00Z');
      cluster.logs.set('kube2iam-1', ['2026-11-30T01:55:02Z level=info msg="Listening on port 8181"']);
    },
    /begins at 2026-11-30T01:55:00/,
  ],
  [
    'it is for a terminal',
    () => cluster.logs.set('kube2iam-1', [LISTENING, '2026-11-30T01:30:00Z INFO[0012] GET req.path=/x']),
    /1 line about requests cannot be read/,
  ],
  [
    'it has too many lines',
    () =>
      cluster.logs.set('kube2iam-1', [
        LISTENING,
        ...Array.from({ length: 16_001 }, () => '2026-11-30T01:40:00Z level=info msg=x'),
      ]),
    /begins at 2026-11-30T01:40:00/,
  ],
  [
    'it has too many bytes',
    () =>
      cluster.logs.set('kube2iam-1', [
        LISTENING,
        ...Array.from(
          { length: 16 },
          () => `2026-11-30T01:40:00Z level=info msg="${'x'.repeat(1024 * 1024)}"`,
        ),
      ]),
    /more than \d+ bytes/,
  ],
  [
    'the right is missing',
    () => {
      cluster.server.trouble = ({ pathname }) =>
        pathname.endsWith('/log') ? { status: 403, message: 'pods/log is forbidden' } : undefined;
    },
    /this right: get on pods\/log in the namespace kube-system/,
  ],
];

for (const [name, prepare, gap] of GAPS) {
  test(`a log says nothing about who does not ask: ${name}`, async () => {
    storeProxy(cluster, 'kube2iam');
    storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
    prepare();
    const { outcome, states, proxy, json } = await summary();
    assert.deepEqual([outcome, states, proxy], ['incomplete', ['Deployment web unknown'], 'unknown']);
    assert.match(json.unread.join('\n'), gap);
  });
}

test('a log without addresses says that somebody asks, and not who', async () => {
  storeProxy(cluster, 'kube2iam');
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
  const old = 'level=info msg="Requesting /latest/meta-data/iam/security-credentials/shop-web"';
  cluster.logs.set('kube2iam-1', [LISTENING, `2026-11-30T01:30:00Z ${old}`]);
  const { outcome, states, json } = await summary();
  assert.deepEqual([outcome, states], ['changes', ['Deployment web unknown']]);
  assert.match(json.unread.join(), /1 request without the address/);
});

test('what may not be listed is said', async () => {
  storeProxy(cluster, 'kube2iam');
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
  cluster.logs.set('kube2iam-1', [LISTENING]);
  cluster.server.trouble = ({ pathname }) =>
    pathname === '/api/v1/pods' || pathname.includes('daemonsets')
      ? { status: 403, message: 'no' }
      : undefined;
  const { outcome, states, json } = await summary({ namespace: 'shop' });
  assert.deepEqual([outcome, states], ['incomplete', ['Deployment web unknown']]);
  assert.match(json.unread.join('\n'), /list on pods.*\n.*list on daemonsets/);
});

test('owners are found by the names of their controllers', async () => {
  storeProxy(cluster, 'kube2iam');
  cluster.logs.set('kube2iam-1', [LISTENING]);
  const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
  const owners: readonly (readonly [string, JsonMetadata])[] = [
    ['a', owned('Job', 'report-29401234')],
    ['b', owned('Job', 'once')],
    ['c', owned('StatefulSet', 'db')],
    ['d', owned('ReplicaSet', 'bare')],
    ['e', { ownerReferences: [] }],
  ];
  for (const [name, metadata] of owners)
    storePod(cluster, name, { address: `10.1.0.${name.charCodeAt(0)}`, role: 'r', metadata });
  const { states } = await summary();
  assert.deepEqual(states, [
    'CronJob report waiting',
    'Job once waiting',
    'Pod e waiting',
    'ReplicaSet bare waiting',
    'StatefulSet db waiting',
  ]);
});

type JsonMetadata = Readonly<Record<string, unknown>>;

test('the table says by what it was judged, and obeys no client', async () => {
  storeProxy(cluster, 'kube2iam');
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web\u001b[2J' });
  cluster.logs.set('kube2iam-1', [
    LISTENING,
    asked('01:30:00', '10.1.0.1'),
    asked('01:31:00', '10.1.0.77', 'security-credentials/gone'),
    asked('01:32:00', '10.0.0.1', 'placement/region'),
  ]);
  const table = await cluster.table();
  assert.ok(!table.includes('\u001b'));
  for (const part of [
    /^judged by: the specs of the pods, then 1 log of kube2iam \(and its metrics for a gap\), 1h back from 2026-11-30T02:00:00.000Z$/m,
    /^MOVED: 0% of 1 workload: 1 old proxy, 0 both/m,
    /^shop\/web +Deployment +old proxy +0 of 1 pod by podrole, 1 asked, last at 2026-11-30T01:30:00.250Z$/m,
    /node node-1 itself, or a pod in its host network, asked for other metadata/,
    /addresses whose pod is gone, or not known for that time, asked for roles \(gone\)/,
    /^kube2iam +no +1 workload must move first$/m,
    /^its sts:AssumeRole on gone +no +an address asked for it/m,
  ])
    assert.match(table, part);
});

test('kiam, in JSON, by IPv6', async () => {
  const kiam = await startCheckCluster('kiam');
  try {
    storeProxy(kiam, 'kiam', ['agent', '--json-log', '--level', 'info']);
    storePod(kiam, 'web-a', { address: 'fd00::7', role: 'shop-web' });
    const line = {
      addr: '[fd00::7]:41234',
      level: 'info',
      method: 'GET',
      msg: 'processed request',
      path: '/latest/meta-data/iam/security-credentials/shop-web',
      status: 200,
    };
    kiam.logs.set('kiam-1', [
      '2026-11-29T00:00:01Z {"level":"info","msg":"listening :8181"}',
      `2026-11-30T01:30:00Z ${JSON.stringify(line)}`,
    ]);
    const { outcome, json } = await kiam.check();
    assert.deepEqual([outcome, json.counts['old proxy'], json.unread], ['changes', 1, []]);
  } finally {
    await kiam.stop();
  }
});

for (const [name, startedAt, lines, expected] of [
  ['nobody since it started', undefined, ['kube2iam_info{version="0.11"} 1'], ['done', 'moved', 0]],
  [
    'nobody since it started, which is not long ago',
    '2026-11-30T01:30:00Z',
    ['kube2iam_info{version="0.11"} 1'],
    ['incomplete', 'unknown', 1],
  ],
  [
    'somebody',
    undefined,
    [
      'kube2iam_info{version="0.11"} 1',
      'kube2iam_http_request_duration_seconds_count{code="200",handler="roleHandler",method="GET"} 3',
    ],
    ['incomplete', 'unknown', 1],
  ],
  ['another program', undefined, ['go_goroutines 7'], ['incomplete', 'unknown', 1]],
] as const) {
  test(`metrics close the gap of a log: ${name}`, async () => {
    storeProxy(cluster, 'kube2iam', ['--log-level=error', '--metrics-port=9543'], startedAt);
    storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
    cluster.logs.set('kube2iam-1', []);
    cluster.metrics.set('kube2iam-1:9543', lines);
    const { outcome, json } = await cluster.check();
    assert.deepEqual([outcome, json.workloads[0]?.state, json.unread.length], expected);
  });
}

for (const [what, last, expected] of [
  ['no pod is left', undefined, ['incomplete', 'unknown', 'unknown']],
  ['its last pod had no way of podrole', { hasToken: false }, ['changes', 'waiting', 'yes']],
  ['its last pod had one', { hasToken: true }, ['done', 'moved', 'no']],
] as const) {
  test(`a CronJob between its runs: ${what}`, async () => {
    const annotations = { 'iam.amazonaws.com/role': 'shop-web' };
    const template = { metadata: { annotations }, spec: { containers: [{ name: 'app', image: 'app' }] } };
    cluster.stored.store('/apis/batch/v1/namespaces/shop/cronjobs/report', {
      metadata: { namespace: 'shop', name: 'report' },
      spec: { jobTemplate: { spec: { template } } },
    });
    if (last) {
      const ownerReferences = [{ kind: 'Job', name: 'report-29500000', controller: true }];
      const metadata = { ownerReferences, labels: {} };
      storePod(cluster, 'report-1', {
        address: '10.1.0.9',
        role: 'shop-web',
        ...last,
        metadata,
        phase: 'Succeeded',
      });
    }
    const { outcome, states, proxy } = await summary();
    assert.deepEqual([outcome, states, proxy], [expected[0], [`CronJob report ${expected[1]}`], expected[2]]);
  });
}

test('without the right to list CronJobs nothing is said to be done', async () => {
  storePod(cluster, 'web-a', { address: '10.1.0.1', role: 'shop-web', hasToken: true });
  cluster.server.trouble = ({ pathname }) =>
    pathname.endsWith('/cronjobs') ? { status: 403, message: 'no' } : undefined;
  const { outcome, json } = await summary();
  assert.equal(outcome, 'incomplete');
  assert.match(json.unread.join('\n'), /cronjobs/i);
});
