import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { wellKnownPolicyNames } from '../../bind/well-known/well-known-policy.ts';
import { startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { runCli } from '../../testing/processes/cli.ts';
import { EXIT } from '../command.ts';
import { commandTable } from '../table.ts';

const cluster = await startFakeCluster();
const folder = mkdtempSync(join(tmpdir(), 'podrole-completion-'));
after(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const HOSTILE = [
  '$(touch x)',
  '`touch x`',
  'a;touch x',
  'a b',
  "a'b",
  'a"b',
  'a\tb',
  'a\n:0',
  '-rf',
  '',
  'é',
];
for (const name of ['shop', 'staging', ...HOSTILE]) {
  cluster.objects.set(`/api/v1/namespaces/${name}`, { metadata: { name } });
  cluster.put({ metadata: { namespace: 'shop', name } });
}
cluster.put({ metadata: { namespace: 'shop', name: 'web' } });
cluster.put({ metadata: { namespace: 'shop', name: 'worker' } });
cluster.put({ metadata: { namespace: 'default', name: 'default' } });
for (const name of ['web-0', 'web-1', ...HOSTILE])
  cluster.put({ metadata: { namespace: 'shop', name } }, 'pods');
cluster.objects.set('/apis/apps/v1/namespaces/default/deployments/web', { metadata: { name: 'web' } });

const context = (name: string) => ({ name, context: { cluster: 'one', user: 'one' } });
const kubeconfig = join(folder, 'config');
writeFileSync(
  kubeconfig,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'one', cluster: { server: cluster.url } }],
    users: [{ name: 'one', user: { token: 'secret-token' } }],
    contexts: [
      'prod',
      'admin@prod',
      'arn:aws:eks:eu-west-1:111122223333:cluster/a',
      ...HOSTILE.filter(Boolean),
    ].map(context),
  }),
);
const ENV = { PODROLE_KUBE_API: cluster.url };

async function complete(words: readonly string[], env: Readonly<Record<string, string>> = ENV) {
  const { exitCode, stdout, stderr } = await runCli(['__complete', ...words], { env });
  assert.deepEqual([exitCode, stderr], [EXIT.ok, '']);
  const lines = stdout.trimEnd().split('\n');
  return {
    values: lines.slice(0, -1).map((line) => line.split('\t', 1)[0]),
    directive: lines.at(-1),
    stdout,
  };
}

const CASES: readonly (readonly [words: readonly string[], values: readonly string[], directive?: string])[] =
  [
    [['unb'], ['unbind']],
    [['pro'], ['probe', 'provider']],
    [
      ['keys', ''],
      ['create', 'rotate'],
    ],
    [
      ['keys', 'rotate', 's'],
      ['start', 'switch', 'status'],
    ],
    [['help', 'keys', 'c'], ['create']],
    [['help', 'comp'], ['completion']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['--v'], ['--version']],
    [
      ['keys', '--'],
      ['--help', '--no-color'],
    ],
    [['--no-color', 'unb'], ['unbind']],
    [['list', '--outp'], ['--output']],
    [['list', '-o'], ['-o']],
    [
      ['version', '-o', ''],
      ['text', 'json', 'yaml'],
    ],
    [['list', '--output=j'], ['json']],
    [
      ['list', '--exit-code='],
      ['true', 'false'],
    ],
    [['list', '-o', 'json', '--outp'], []],
    [
      ['bind', '--well-known', 'vpc'],
      ['vpc-cni', 'vpc-cni-ipv6'],
    ],
    [['bind', '--well-known=ebs-csi,vpc-cni-'], ['ebs-csi,vpc-cni-ipv6']],
    [
      ['bind', '--partition', 'aws-'],
      ['aws-cn', 'aws-us-gov'],
    ],
    [['inject', '-f', ''], [], ':0'],
    [['keys', 'create', '--out', ''], [], ':16'],
    [['webhook', '--port', ''], []],
    [['webhook', ''], []],
    [['nonsense', ''], []],
    [
      ['bind', '-n', 's'],
      ['shop', 'staging'],
    ],
    [['bind', '--namespace=sh'], ['shop']],
    [
      ['bind', '-n', 'shop', 'w'],
      ['web', 'worker'],
    ],
    [
      ['bind', '--approve', '-nshop', 'sa/w'],
      ['sa/web', 'sa/worker'],
    ],
    [['bind', 'serviceaccount/'], ['serviceaccount/default']],
    [
      ['bind', 'shop/w'],
      ['shop/web', 'shop/worker'],
    ],
    [['bind', '-n', 'shop', 'web', 'w'], ['worker']],
    [
      ['bind', '-n', 'shop', '--', 'w'],
      ['web', 'worker'],
    ],
    [
      ['list', 'shop/'],
      ['shop/shop', 'shop/staging', 'shop/web', 'shop/worker'],
    ],
    [['bind', '../x/'], []],
    [
      ['doctor', '-n', 'shop', 'w'],
      ['web', 'worker'],
    ],
    [
      ['doctor', '-n', 'shop', 'pod/w'],
      ['pod/web-0', 'pod/web-1'],
    ],
    [['doctor', '-n', 'shop', 'po/web-0', 'po/w'], ['po/web-1']],
    [['doctor', 'deploy/'], ['deploy/web']],
    [
      ['doctor', 'shop/w'],
      ['shop/web', 'shop/worker'],
    ],
    [['doctor', '-n', 'shop', 'sa/wo'], ['sa/worker']],
    [['doctor', '--offline', ''], [], ':16'],
  ];
for (const [words, values, directive = ':4'] of CASES) {
  test(`podrole ${words.join(' ')}<TAB>`, async () => {
    const completed = await complete(words);
    assert.deepEqual([completed.values.sort(), completed.directive], [[...values].sort(), directive]);
  });
}

test('every command, and every flag of it, is completed', async () => {
  for (const { name, load } of commandTable) {
    const words = name.split(' ');
    assert.ok((await complete(words)).values.includes(words.at(-1)), name);
    const { values } = await complete([...words, '-']);
    for (const flag of Object.keys((await load()).settings)) {
      const long = `--${flag.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
      assert.ok(values.includes(long), `${name} ${long}`);
    }
  }
  assert.deepEqual((await complete(['bind', '--well-known', ''])).values, wellKnownPolicyNames);
});

test('contexts come from the kubeconfig, also without a current one, and its secrets do not', async () => {
  for (const env of [{ KUBECONFIG: kubeconfig }, { HOME: folder, PODROLE_KUBECONFIG: '~/config' }]) {
    const { values, stdout } = await complete(['list', '--context', ''], env);
    assert.deepEqual(values, ['prod', 'admin@prod', 'arn:aws:eks:eu-west-1:111122223333:cluster/a']);
    assert.doesNotMatch(stdout, /secret/);
  }
  const words = ['bind', '--kubeconfig', kubeconfig, '--context', 'prod', '-n', 'st'];
  assert.deepEqual((await complete(words, {})).values, ['staging']);
});

test('the empty word may be left out', async () => {
  const { stdout } = await runCli(['__completeNext', 'keys', 'rotate']);
  assert.match(stdout, /^start\n/);
});

const silent = await startFakeCluster();
silent.trouble = () => 'silence';
after(() => silent.stop());
for (const [what, env] of [
  ['refuses', { PODROLE_KUBE_API: 'http://127.0.0.1:1' }],
  ['is silent', { PODROLE_KUBE_API: silent.url }],
  ['is not named', {}],
  ['has a kubeconfig that is absent', { KUBECONFIG: join(folder, 'absent') }],
  ['has a kubeconfig that is a pipe', { KUBECONFIG: pipe() }],
  ['has a kubeconfig that is a device', { KUBECONFIG: '/dev/zero' }],
  ['is unknown, as is a variable', { PODROLE_NONSENSE: '1' }],
] as const) {
  test(`a cluster that ${what} gives no names and no error`, async () => {
    assert.deepEqual((await complete(['bind', '-n', ''], env)).values, []);
    assert.deepEqual((await complete(['bind', '--context', ''], env)).values, []);
  });
}

function pipe(): string {
  const path = join(folder, 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

test('a cluster with many names gives the first ones', async () => {
  const crowded = await startFakeCluster();
  for (let at = 0; at < 700; at++) crowded.put({ metadata: { namespace: 'shop', name: `w${at}` } });
  const { values } = await complete(['bind', '-n', 'shop', 'w'], { PODROLE_KUBE_API: crowded.url });
  await crowded.stop();
  assert.equal(values.length, 500);
});

test('an unknown shell is answered with the nearest one', async () => {
  const { exitCode, stderr } = await runCli(['completion', 'zhs']);
  assert.equal(exitCode, EXIT.usage);
  assert.match(stderr, /^error: "zhs": is not a shell .*; did you mean zsh\?/);
});
