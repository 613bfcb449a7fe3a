import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { applyPatch, parsePatch } from 'diff';
import { parse } from 'yaml';
import { drain, listen } from '../lib/http/serve.ts';
import { asArray, asObject } from '../lib/json/json.ts';
import { type CliResult, runCli } from '../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-inject-'));
after(() => rmSync(folder, { recursive: true }));

const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: shop
  name: web
  annotations:
    eks.amazonaws.com/role-arn: ${ROLE}
`;
const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: web
  containers:
    - name: app
`;
const BOTH = `${ACCOUNT}---\n${POD}`;

let files = 0;
/** A new file with that content. */
function fileOf(content: string, name = `${++files}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function inject(...args: string[]): Promise<CliResult> {
  return runCli(['inject', ...args]);
}

const fromStdin = (stdin: string | Buffer, ...args: string[]) =>
  runCli(['inject', '-f', '-', ...args], { stdin });

test('stdin to stdout; the ServiceAccount comes from the same documents', async () => {
  const { exitCode, stdout, stderr } = await fromStdin(BOTH);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.ok(stdout.startsWith(`${ACCOUNT}---\n`));
  assert.match(stdout, new RegExp(`value: ${ROLE}\\n`));
});

test('a ServiceAccount and its pod in a List in a List', async () => {
  const items = [parse(ACCOUNT), parse(POD)];
  const nested = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'List', items }] };
  const { exitCode, stdout, stderr } = await fromStdin(JSON.stringify(nested));
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  const [, pod] = asArray(asObject(asArray(JSON.parse(stdout).items)?.[0])?.['items']) ?? [];
  assert.match(JSON.stringify(pod), new RegExp(`"value":"${ROLE}"`));
});

test('the manifests themselves win over --service-accounts', async () => {
  const other = fileOf(ACCOUNT.replace('shop-web', 'other'));
  const { stdout } = await fromStdin(BOTH, '--service-accounts', other);
  assert.match(stdout, /role\/shop-web/);
  assert.match((await fromStdin(POD, '--service-accounts', other)).stdout, /value: .*role\/other\n/);
});

test('--output json gives one List of all objects, as kubectl reads them', async () => {
  const manifest =
    'kind: List\napiVersion: v1\nitems: [{kind: A}]\n---\n# empty\n---\nmode: 0644\non: [yes, 1.10, "no"]\n';
  const { stdout } = await fromStdin(manifest, '-o', 'json');
  const items = [{ kind: 'A' }, { mode: 0o644, true: [true, 1.1, 'no'] }];
  assert.deepEqual(JSON.parse(stdout), { apiVersion: 'v1', kind: 'List', items });
});

test('--diff prints what turns the file into what would be given out', async () => {
  const path = fileOf(BOTH);
  const injected = (await inject('-f', path)).stdout;
  const { exitCode, stdout } = await inject('-f', path, '--diff');
  assert.equal(exitCode, 0);
  assert.ok(stdout.startsWith(`--- a${path}\n+++ b${path}\n@@ `));
  assert.equal(applyPatch(BOTH, stdout), injected);
  assert.equal((await inject('-f', path, '--diff', '--exit-code')).exitCode, 1);
  assert.deepEqual(await fromStdin(injected, '--diff', '--exit-code'), {
    exitCode: 0,
    stdout: '',
    stderr: '',
  });
  assert.equal(readFileSync(path, 'utf8'), BOTH);
});

test('--diff names files whose names git and the library quote', async () => {
  for (const name of ['é.yaml', 'a"b.yaml', 'a\\b.yaml', 'a\tb.yaml', 'a b.yaml', '\u001b[31m.yaml']) {
    const path = fileOf(BOTH, name);
    const { stdout } = await inject('-f', path, '--diff');
    assert.match(stdout, /^--- "?a\/.+\n\+\+\+ "?b\/.+\n@@ /);
    const [patch, ...more] = parsePatch(stdout);
    assert.deepEqual([patch?.oldFileName, patch?.newFileName, more], [`a${path}`, `b${path}`, []]);
    assert.equal(applyPatch(BOTH, stdout), (await inject('-f', path)).stdout);
  }
});

test('every fault of a file is reported with document, line and remedy, and nothing is written', async () => {
  const good = fileOf(BOTH);
  const cases: [content: string | Buffer, expected: RegExp][] = [
    [
      'a: 1\n---\nb: 1\nb: 2\n',
      /, document 2: is not valid YAML in line 4, column 1: map keys must be unique; keep one of the two \[INVALID_MANIFEST\]/,
    ],
    ['a:\n\tb: 1\n', /: is not valid YAML in line 2, .*tab.*; indent with spaces \[INVALID_MANIFEST\]/i],
    ['a: {{ .Values.a }}\n', /, line 1: is a template .*; render it first, as in: helm template /],
    ['{{- if .Values.on }}\na: 1\n{{- end }}\n', /; render it first, as in: helm template /],
    ['a: *nowhere\n', /nowhere.*; define the anchor|nowhere.*; fix its anchors/],
    [
      `${ACCOUNT}---\nkind: Pod\nspec: &s\n  serviceAccountName: web\n  containers: [*s]\n`,
      /, document 2: is not valid YAML in line \d+, column \d+: the alias \*s refers to a node that contains it; fix the YAML there \[INVALID_MANIFEST\]\n/,
    ],
    [
      '- '.repeat(3_000),
      /: is not valid YAML in line 1, column \d+: nested more than 200 levels deep; fix the YAML there \[INVALID_MANIFEST\]\n/,
    ],
    ['a: [1\n', /: is not valid YAML in line \d, column \d+: .*; fix the YAML there \[INVALID_MANIFEST\]\n/],
    [Buffer.from([0x61, 0x3a, 0xff]), /is not UTF-8.*in UTF-8/],
    [
      ACCOUNT.replace(ROLE, 'yes'),
      /ServiceAccount shop\/web in .*: has annotations that are not strings; quote/,
    ],
  ];
  for (const [content, expected] of cases) {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, content);
    for (const args of [['--in-place'], []]) {
      const { exitCode, stdout, stderr } = await inject('-f', good, '-f', bad, ...args);
      assert.deepEqual({ exitCode, stdout }, { exitCode: 3, stdout: '' });
      assert.match(stderr, expected);
      assert.equal(readFileSync(good, 'utf8'), BOTH);
    }
  }
});

test('aliases that would grow without end are refused', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let at = 1; at < 9; at++)
    lines.push(
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(', ')}]`,
    );
  const { exitCode, stderr } = await fromStdin(lines.join('\n'));
  assert.equal(exitCode, 3);
  assert.match(stderr, /stdin: Excessive alias count .*; fix its anchors and aliases/);
});

test('settings that exclude each other are reported at once', async () => {
  const { exitCode, stderr } = await fromStdin(
    '',
    '--in-place',
    '--diff',
    '-o',
    'json',
    '--service-accounts',
    '-',
  );
  assert.equal(exitCode, 2);
  const errors = asArray(asObject(JSON.parse(stderr))?.['errors'])?.map(
    (fault) => asObject(fault)?.['object'],
  );
  assert.deepEqual(errors, ['--in-place', '--in-place', '--output', '--service-accounts']);
  assert.equal((await inject()).exitCode, 2);
  assert.equal((await inject('-f', join(folder, 'absent.yaml'))).exitCode, 3);
  const bad = fileOf('{"identities": 1}');
  assert.equal((await fromStdin('', '--watch-container-credentials-config', bad)).exitCode, 3);
});

test('flags about a cluster without --cluster are errors that name each', async () => {
  const args = ['--context', 'prod', '--kubeconfig', '/kubeconfig', '--kube-api', 'https://api.example'];
  const { exitCode, stdout, stderr } = await fromStdin(BOTH, ...args);
  assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: '' });
  for (const flag of ['--context', '--kubeconfig', '--kube-api']) {
    assert.match(
      stderr,
      new RegExp(`^error: ${flag}: is for --cluster; give both or neither \\[INVALID_SETTING\\]$`, 'm'),
    );
  }
  const variables = { PODROLE_CONTEXT: 'prod', PODROLE_KUBECONFIG: '/kubeconfig' };
  assert.equal((await runCli(['inject', '-f', '-'], { stdin: BOTH, env: variables })).exitCode, 0);
});

test('beside JSON, warnings and notes are one line of JSON', async () => {
  const misspelt = ACCOUNT.replace('role-arn', 'rolearn');
  const { stdout, stderr } = await fromStdin(
    `${misspelt}---\n${POD}---\n${POD.replace('Name: web', 'Name: nobody')}`,
    '-o',
    'json',
  );
  assert.equal(JSON.parse(stdout).kind, 'List');
  const { warnings, notes } = JSON.parse(stderr);
  assert.match(warnings[0], /^stdin, document 2: .*rolearn/);
  assert.deepEqual(notes, [
    'stdin, document 3: Pod shop/web: ServiceAccount shop/nobody was not found; left unchanged',
  ]);
  assert.equal((await fromStdin(BOTH, '-o', 'json')).stderr, '');
});

test('an unknown ServiceAccount leaves the pod unchanged; --strict makes that an error', async () => {
  const lenient = await fromStdin(POD);
  assert.equal(lenient.stdout, POD);
  assert.match(
    lenient.stderr,
    /^note: stdin: Pod shop\/web: ServiceAccount shop\/web was not found; left unchanged\n$/,
  );
  const strict = await fromStdin(POD, '--strict');
  assert.deepEqual({ ...strict, stderr: '' }, { exitCode: 3, stdout: '', stderr: '' });
  assert.match(
    strict.stderr,
    /^error: stdin: Pod shop\/web: ServiceAccount .* \[SERVICE_ACCOUNT_NOT_FOUND\]\n$/,
  );
  assert.equal((await fromStdin(POD.replace('  serviceAccountName: web\n', ''), '--strict')).exitCode, 0);
});

test('--cluster asks once for each ServiceAccount that no file has', async () => {
  const asked: (string | undefined)[] = [];
  const account = parse(ACCOUNT.replace('metadata:', 'metadata:\n  resourceVersion: "7"'));
  const server = createServer((request, response) => {
    asked.push(request.url);
    const found = request.url?.endsWith('/web');
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ? account : { kind: 'Status', code: 404 }));
  });
  const api = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  try {
    const cluster = { name: 'test', cluster: { server: api } };
    const contexts = ['test', 'absent'].map((name) => ({ name, context: { cluster: name, user: 'test' } }));
    const kubeconfig = {
      'current-context': 'absent',
      clusters: [cluster],
      contexts,
      users: [{ name: 'test', user: {} }],
    };
    const path = fileOf(JSON.stringify(kubeconfig));
    const manifests = [
      BOTH.replaceAll('name: web', 'name: own').replace('Name: web', 'Name: own'),
      POD,
      POD,
      POD.replace('Name: web', 'Name: nobody'),
    ];
    const args = ['-f', '-', '--cluster', '--kubeconfig', path];
    const { exitCode, stdout, stderr } = await runCli(['inject', ...args, '--context', 'test'], {
      stdin: manifests.join('---\n'),
    });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      asked,
      ['web', 'nobody'].map((name) => `/api/v1/namespaces/shop/serviceaccounts/${name}`),
    );
    assert.equal(stdout.match(/name: AWS_ROLE_ARN/g)?.length, 3);
    assert.match(stderr, /^note: .*ServiceAccount shop\/nobody was not found/);

    const unreachable = await runCli(['inject', ...args], { stdin: POD });
    assert.equal(unreachable.exitCode, 3);
    assert.match(
      unreachable.stderr,
      /kubeconfig .*: its context "absent" names cluster "absent", which it does not have/,
    );
  } finally {
    await drain(server, 1_000);
  }
});
