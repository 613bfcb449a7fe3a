import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { PodroleError } from '../lib/errors.ts';
import { loadKubeConfig } from './kube-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-kubeconfig-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, server: string, currentContext = name): string {
  const path = join(folder, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': currentContext,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const one = fileOf('one', 'https://one.test:6443');
const two = fileOf('two', 'http://two.test:8001');
const broken = fileOf('broken', 'https://broken.test', 'no such context');
const inCluster = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

test('which API server is asked', async (t) => {
  const cases: [
    name: string,
    kubeconfig: string | undefined,
    kubeApi: string | undefined,
    env: Record<string, string>,
    server: string,
  ][] = [
    ['the flag', one, undefined, { KUBECONFIG: two }, 'https://one.test:6443'],
    ['the variable', undefined, undefined, { KUBECONFIG: one, ...inCluster }, 'https://one.test:6443'],
    [
      'the first of several files',
      undefined,
      undefined,
      { KUBECONFIG: one + delimiter + two },
      'https://one.test:6443',
    ],
    ['an address in place of the one in the file', one, 'https://other.test', {}, 'https://other.test'],
    ['an address alone', undefined, 'http://127.0.0.1:8001', {}, 'http://127.0.0.1:8001'],
  ];
  for (const [name, kubeconfig, kubeApi, env, server] of cases) {
    await t.test(name, () => {
      assert.equal(loadKubeConfig({ kubeconfig, kubeApi }, env).getCurrentCluster()?.server, server);
    });
  }
});

test('a kubeconfig from an editor on Windows is read like any other', () => {
  const path = join(folder, 'windows');
  const content = readFileSync(one, 'utf8').replaceAll(',', ',\r\n');
  writeFileSync(path, `\uFEFF${content}`);
  const config = loadKubeConfig({ kubeconfig: path, kubeApi: undefined }, {});
  assert.equal(config.getCurrentCluster()?.server, 'https://one.test:6443');
  writeFileSync(path, `\uFEFF${content}`, 'utf16le');
  assert.throws(() => loadKubeConfig({ kubeconfig: path, kubeApi: undefined }, {}), {
    code: 'INVALID_KUBECONFIG',
    message: /kubeconfig .*windows: is UTF-16, not UTF-8/,
  });
});

test('files that a kubeconfig names are relative to it', () => {
  const path = join(folder, 'relative');
  const cluster = { server: 'https://one.test', 'certificate-authority': 'ca.crt' };
  const contexts = [{ name: 'a', context: { cluster: 'a', user: 'a' } }];
  const clusters = [{ name: 'a', cluster }];
  writeFileSync(path, JSON.stringify({ clusters, contexts, users: [], 'current-context': 'a' }));
  const { caFile } = loadKubeConfig({ kubeconfig: path, kubeApi: undefined }, {}).getCurrentCluster() ?? {};
  assert.equal(caFile, join(folder, 'ca.crt'));
});

for (const [owner, field] of [
  ['cluster', 'certificate-authority'],
  ['user', 'client-certificate'],
  ['user', 'client-key'],
] as const) {
  test(`a ${field} that is not a regular file is refused: a FIFO would never be read`, () => {
    const path = join(folder, field);
    const fifo = join(folder, `${field}.fifo`);
    spawnSync('mkfifo', [fifo]);
    const of = (part: string) => (part === owner ? { [field]: fifo } : {});
    const clusters = [{ name: 'a', cluster: { server: 'https://one.test', ...of('cluster') } }];
    const users = [{ name: 'a', user: of('user') }];
    const contexts = [{ name: 'a', context: { cluster: 'a', user: 'a' } }];
    writeFileSync(path, JSON.stringify({ clusters, contexts, users, 'current-context': 'a' }));
    assert.throws(() => loadKubeConfig({ kubeconfig: path, kubeApi: undefined }, {}), {
      code: 'INVALID_KUBECONFIG',
      message: /it names .*fifo, which is not a regular file/,
    });
  });
}

test('TLS is always verified', () => {
  const skips = (kubeconfig: string, kubeApi?: string) =>
    loadKubeConfig({ kubeconfig, kubeApi }, {}).getCurrentCluster()?.skipTLSVerify;
  assert.ok(!skips(one));
  assert.ok(!skips(one, 'https://other.test'));
  assert.equal(skips(two), true);
});

test('a context that is asked for and cannot be used is named', () => {
  const ask = (file: string, context: string) => () =>
    loadKubeConfig({ kubeconfig: file, kubeApi: undefined, context }, {});
  assert.throws(
    ask(one, 'nope'),
    /kubeconfig .*one: has no context "nope"; its contexts are .*: give --context, or select one/,
  );
  const path = join(folder, 'lost');
  const contexts = [{ name: 'lost', context: { cluster: 'gone', user: 'a' } }];
  writeFileSync(path, JSON.stringify({ clusters: [], contexts, users: [], 'current-context': 'lost' }));
  assert.throws(
    ask(path, 'lost'),
    /kubeconfig .*lost: its context "lost" names cluster ".*", which it does not have/,
  );
});

test('an unusable setting is an error with a remedy', async (t) => {
  const cases: [name: string, kubeconfig: string | undefined, code: string][] = [
    ['nothing', undefined, 'NO_CLUSTER'],
    ['no such file', join(folder, 'none'), 'INVALID_KUBECONFIG'],
    ['a context that is missing', broken, 'INVALID_KUBECONFIG'],
  ];
  for (const [name, kubeconfig, code] of cases) {
    await t.test(name, () => {
      assert.throws(
        () => loadKubeConfig({ kubeconfig, kubeApi: undefined }, {}),
        (thrown) => thrown instanceof PodroleError && thrown.code === code,
      );
    });
  }
});

const context = (name: string, cluster: string) => ({ name, context: { cluster, user: 'a' } });
const MANY = Array.from({ length: 12 }, (_, at) => context(`cluster-${at}`, 'there'));
const BAD_CONTEXTS: readonly (readonly [
  name: string,
  given: string | undefined,
  config: object,
  expected: RegExp,
])[] = [
  [
    'a misspelt one',
    'stagng',
    { contexts: [context('staging', 'there'), context('production', 'there')] },
    /: has no context "stagng"; did you mean "staging"\?; its contexts are staging, production: /,
  ],
  [
    'a current one that is missing',
    undefined,
    { contexts: [context('a', 'there')], 'current-context': 'gone' },
    /: has no context "gone"; its contexts are a: /,
  ],
  [
    'no current one',
    undefined,
    { contexts: [context('a', 'there')] },
    /: has no current context; .*are a; give --context/,
  ],
  ['a file without contexts', 'a', { contexts: [] }, /: has no context "a"; it has no contexts: /],
  ['many contexts', 'x', { contexts: MANY }, /; its contexts are cluster-0, .*cluster-9, …: /],
];
for (const [name, given, config, expected] of BAD_CONTEXTS) {
  test(`the context is named with the known ones: ${name}`, () => {
    const path = join(folder, 'contexts');
    const clusters = [{ name: 'there', cluster: { server: 'https://a.test' } }];
    writeFileSync(path, JSON.stringify({ clusters, users: [{ name: 'a', user: {} }], ...config }));
    assert.throws(() => loadKubeConfig({ kubeconfig: path, kubeApi: undefined, context: given }, {}), {
      code: 'INVALID_KUBECONFIG',
      message: expected,
    });
  });
}
