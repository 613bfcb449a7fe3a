import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli } from '../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-inject-'));
after(() => rmSync(folder, { recursive: true }));

const account = (role: string, name = 'web') => `apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: shop
  name: ${name}
  annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/${role}" }
`;
const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {}}
spec:
  serviceAccountName: web
  containers:
    - name: app
`;

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function injectFiles(...args: string[]) {
  const { exitCode, stdout, stderr } = await runCli(['inject', ...args]);
  return { exitCode, stdout, stderr: stderr.replaceAll(`${folder}/`, '') };
}

test('a ServiceAccount with two roles in the manifests is an error that names both places', async () => {
  const one = fileOf('one.yaml', `${account('one')}---\n${POD}`);
  const list = account('two').replaceAll(/^/gm, '    ').replace('    api', '  - api');
  const other = fileOf('other.yaml', `kind: List\napiVersion: v1\nitems:\n${list.trimEnd()}\n`);
  assert.deepEqual(await injectFiles('-f', one, '-f', other), {
    exitCode: 3,
    stdout: '',
    stderr:
      'error: ServiceAccount shop/web in other.yaml, items[0]: has other annotations than in one.yaml, ' +
      'document 1; remove one of the two [CONTRADICTORY_SERVICE_ACCOUNTS]\n',
  });
});

test('so is one in the files of --service-accounts, in one of them or in two', async () => {
  const pod = fileOf('pod.yaml', POD);
  const twice = fileOf('twice.yaml', `${account('one')}---\n${account('two')}`);
  const within = await injectFiles('-f', pod, '--service-accounts', twice);
  assert.equal(within.exitCode, 3);
  assert.match(within.stderr, /shop\/web in twice.yaml, document 2: .* in twice.yaml, document 1;/);

  const folderOfTwo = join(folder, 'accounts');
  mkdirSync(folderOfTwo);
  for (const role of ['one', 'two']) fileOf(`accounts/${role}.yaml`, account(role));
  const between = await injectFiles('-f', pod, '--service-accounts', folderOfTwo);
  assert.equal(between.exitCode, 3);
  assert.match(between.stderr, /shop\/web in accounts\/two.yaml: .* in accounts\/one.yaml;/);
});

test('the same content twice is fine', async () => {
  const twice = fileOf('same.yaml', `${account('one')}---\n${account('one')}---\n${POD}`);
  const { exitCode, stdout, stderr } = await injectFiles('-f', twice);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /value: .*role\/one\n/);
});

test('a role on the pod is reported, even if no ServiceAccount is known', async () => {
  const annotated = POD.replace('annotations: {}', 'annotations: {eks.amazonaws.com/role-arn: "a"}');
  const expected =
    'Pod shop/web: this Pod: annotation eks.amazonaws.com/role-arn is "a" and has no effect on a pod; ' +
    'write it on its ServiceAccount\n';
  const unknown = await injectFiles('-f', fileOf('unknown.yaml', annotated));
  assert.ok(unknown.stderr.startsWith(`warning: unknown.yaml: ${expected}note: `), unknown.stderr);
  const byDefault = annotated.replace('  serviceAccountName: web\n', '');
  const { stderr } = await injectFiles('-f', fileOf('default.yaml', byDefault));
  assert.equal(stderr, `warning: default.yaml: ${expected}`);
});

test('an annotation of a pod that is not a string is reported', async () => {
  const annotated = POD.replace('annotations: {}', 'annotations: {eks.amazonaws.com/token-expiration: 3600}');
  const files = fileOf('number.yaml', `${account('one')}---\n${annotated}`);
  const { stderr } = await injectFiles('-f', files);
  assert.match(stderr, /token-expiration is not a string and has no effect; write its value in quotes\n$/);
});

test('the mirror of a static pod stays as it is, and nobody is asked for its ServiceAccount', async () => {
  const mirror = POD.replace('annotations: {}', 'annotations: {kubernetes.io/config.mirror: "0"}').replace(
    '  serviceAccountName: web\n',
    '',
  );
  const both = `${account('one', 'default')}---\n${mirror}`;
  const { exitCode, stdout, stderr } = await injectFiles('-f', fileOf('mirror.yaml', both), '--strict');
  assert.deepEqual([exitCode, stdout, stderr], [0, both, '']);
});
