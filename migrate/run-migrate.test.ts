import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { JsonObject } from '../lib/json/json.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { SITE_ISSUER, useBindSite } from '../testing/bind/bind-site.ts';
import { migrationObjects, PATHS } from '../testing/migrate/cluster-objects.ts';
import { PROXY_ROLE } from '../testing/migrate/model.ts';

const site = useBindSite();
const folder = mkdtempSync(join(tmpdir(), 'podrole-migrate-'));
after(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  for (const object of migrationObjects()) store(object);
  for (const name of ['shop-web', 'shop-mail', 'report']) addRole(name);
  site.iam.providers.set('arn:aws:iam::111122223333:oidc-provider/oidc.example.test/one', {
    url: SITE_ISSUER,
    clientIds: new Set(['sts.amazonaws.com']),
    thumbprints: [],
    tags: new Map(),
  });
});

function store(object: JsonObject): void {
  const { namespace, name } = object['metadata'] as { readonly namespace?: string; readonly name: string };
  const [root = '', resource = ''] = PATHS[String(object['kind'])] ?? [];
  const path =
    namespace === undefined ? [root, resource, name] : [root, 'namespaces', namespace, resource, name];
  site.cluster.objects.set(path.join('/'), object);
}

function addRole(name: string): void {
  const statement = { Effect: 'Allow', Principal: { AWS: PROXY_ROLE }, Action: 'sts:AssumeRole' };
  site.iam.roles.set(name, {
    path: '/',
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set(),
    inline: new Map(),
  });
}

const COLLECTED_AT = /2\d{3}-\d\d-\d\dT[\d:.]+Z/g;

/** To rewrite the golden files: UPDATE_GOLDEN=1 node --test migrate/run-migrate.test.ts */
const GOLDEN: Readonly<Record<string, readonly string[]>> = {
  'kube2iam.txt': ['kube2iam'],
  'kube2iam-batch.json': ['kube2iam', '-n', 'batch', '-o', 'json'],
  'kiam.txt': ['kiam'],
};

for (const [file, args] of Object.entries(GOLDEN)) {
  test(`podrole migrate ${args.join(' ')}`, async () => {
    const { exitCode, stdout, stderr } = await site.podrole('migrate', ...args);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    const path = `${import.meta.dirname}/testdata/${file}`;
    const text = stdout.replace(COLLECTED_AT, 'TIME');
    if (process.env['UPDATE_GOLDEN']) writeFileSync(path, text);
    assert.equal(text, readFileSync(path, 'utf8'));
    assert.deepEqual(site.cluster.writes, []);
    assert.deepEqual(
      site.iam.writes().filter((action) => !action.startsWith('GetCaller')),
      [],
    );
  });
}

test('saved manifests give the same plan as the cluster', async () => {
  const path = join(folder, 'saved.json');
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: migrationObjects() }));
  const cluster = await site.podrole('migrate', 'kube2iam', '-o', 'yaml');
  site.cluster.objects.clear();
  const files = await site.podrole('migrate', 'kube2iam', '-o', 'yaml', '--issuer', SITE_ISSUER, '-f', path);
  assert.equal(files.stdout.replace(COLLECTED_AT, ''), cluster.stdout.replace(COLLECTED_AT, ''));
});

/** Rights that are missing, by the path of the list, with what the plan then says that it does not know. */
const DENIED: Readonly<Record<string, RegExp>> = {
  '/api/v1/pods': /^ {2}pods: you need this right: list on pods /m,
  '/api/v1/namespaces': /^ {2}namespaces: .*; without it: which roles the namespaces allow$/m,
  '/api/v1/serviceaccounts': /^ {2}serviceaccounts: /m,
  '/apis/apps/v1/deployments': /^ {2}deployments: .*list on deployments\.apps/m,
  '/apis/apps/v1/daemonsets': /^ {2}daemonsets: .*without it: the flags of kube2iam/m,
  '/apis/batch/v1/cronjobs': /^ {2}cronjobs: /m,
  '/apis/rbac.authorization.k8s.io/v1/rolebindings': /^ {2}rolebindings: /m,
  '/.well-known/openid-configuration': /^ {2}issuer: .*whether the roles trust the ServiceAccounts$/m,
};

for (const [path, said] of Object.entries(DENIED)) {
  test(`without the right for ${path}, the plan says what it does not know`, async () => {
    site.cluster.trouble = ({ pathname }) => (pathname === path ? { status: 403, message: 'no' } : undefined);
    const { exitCode, stdout } = await site.podrole('migrate', 'kube2iam');
    assert.equal(exitCode, 0);
    assert.match(stdout, said);
    assert.match(stdout, /^WHO MOVES WHERE$/m);
  });
}

test('without IAM, the plan goes on, and does not pass in a pipeline', async () => {
  site.iam.refuse = ({ action }) =>
    action === 'ListRoles' ? iamRefusal(403, 'AccessDenied', 'is not authorized') : undefined;
  const { exitCode, stdout } = await site.podrole('migrate', 'kube2iam');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^ {2}roles of IAM: .*without it: which roles exist, and whom they trust$/m);
  site.cluster.objects.delete('/apis/apps/v1/namespaces/kube-system/daemonsets/kube2iam');
  assert.equal((await site.podrole('migrate', 'kube2iam', '--exit-code')).exitCode, 3);
});

test('exit codes', async () => {
  assert.equal((await site.podrole('migrate', 'kube2iam', '--exit-code')).exitCode, 1);
  const nothing = await site.podrole('migrate', 'kube2iam', '--exit-code', '-n', 'absent');
  assert.equal(nothing.exitCode, 0, nothing.stdout);
  site.cluster.trouble = ({ pathname }) =>
    /\/(pods|deployments|replicasets|jobs|cronjobs|.*sets|replicationcontrollers)$/.test(pathname)
      ? { status: 403, message: 'no' }
      : undefined;
  assert.equal((await site.podrole('migrate', 'kube2iam')).exitCode, 3);
});

test('--out writes the files of the steps, once', async () => {
  const out = join(folder, 'migration');
  const first = await site.podrole('migrate', 'kube2iam', '--out', out);
  assert.match(first.stdout, /^cat \S+\/README\.md {2}shows the commands/m);
  assert.doesNotMatch(first.stdout, /--out migration/);
  assert.match(first.stderr, /^note: wrote \d+ files to .*; begin with its README\.md$/m);
  assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /kube2iam/);
  addRole('other');
  store({
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'new', annotations: { 'iam.amazonaws.com/role': 'other' } },
    spec: { containers: [] },
  });
  const changed = await site.podrole('migrate', 'kube2iam', '--out', out);
  assert.equal(changed.exitCode, 3);
  assert.match(changed.stderr, /FILE_EXISTS/);
  assert.equal((await site.podrole('migrate', 'kube2iam', '--out', out, '--force')).exitCode, 0);
});

test('--check says who still needs the proxy', async () => {
  const { exitCode, stdout } = await site.podrole('migrate', 'kube2iam', '--check', '-n', 'shop');
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /^shop\/web +Deployment +waiting/m);
  const { stdout: json } = await site.podrole('migrate', 'kube2iam', '--check', '-o', 'json');
  assert.equal(JSON.parse(json).from, 'kube2iam');
});

test('--probe runs nothing unless somebody agrees, and says what it could not look into', async () => {
  const refused = await site.podrole('migrate', 'kube2iam', '--probe');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /NOT_CONFIRMED/);
  assert.deepEqual(site.cluster.requests, []);
  const { exitCode, stdout } = await site.podrole('migrate', 'kube2iam', '--probe', '--yes');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^note {4}Deployment shop\/web .*\n +to do: look for the SDK/m);
});

const FAULTS: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
  'a proxy role that is not an ARN': [['--proxy-role-arn', 'x'], /--proxy-role-arn/],
  'a base that completes nothing': [['--base-role-arn', 'arn:aws:s3:::'], /--base-role-arn/],
  '-n and -A': [['-n', 'a', '-A'], /--all-namespaces/],
  '--force alone': [['--force'], /--force: needs --out/],
  '--yes alone': [['--yes'], /--yes: needs --probe/],
  '-R alone': [['-R'], /--recursive: needs --filename/],
  '--check with --out': [['--check', '--out', 'x'], /--out: excludes --check/],
  '--check with --probe': [['--check', '--probe'], /--probe: excludes --check/],
  '--check of files': [['--check', '-f', 'x'], /--check: excludes --filename/],
  'a policy file that does not exist': [['--role-policy-file', '/nonexistent/p.yaml'], /--role-policy-file/],
};

for (const [name, [args, said]] of Object.entries(FAULTS)) {
  test(`refused: ${name}`, async () => {
    const { exitCode, stderr, stdout } = await site.podrole('migrate', 'kube2iam', ...args);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, said);
    assert.equal(stdout, '');
  });
}

test('all faults of files are reported, with their places', async () => {
  const path = join(folder, 'broken.yaml');
  writeFileSync(path, 'a: [\n---\nkind: Pod\nkind: Pod\n---\nkind: Pod\n');
  const { exitCode, stderr } = await site.podrole('migrate', 'kube2iam', '-f', path);
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /document 1/);
  assert.match(stderr, /document 2/);
});

test('no command names a Namespace that could be a flag', async () => {
  const path = join(folder, 'flags.json');
  const items = ['-rf', '--all', 'a b', 'shop'].flatMap((namespace) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      ...{ apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } },
      metadata: { namespace, name: 'web', annotations: { 'iam.amazonaws.com/role': 'shop-web' } },
    },
  ]);
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const { stdout } = await site.podrole('migrate', 'kube2iam', '-f', path, '--issuer', SITE_ISSUER);
  assert.deepEqual(stdout.match(/^kubectl annotate --overwrite namespace \S+/gm), [
    'kubectl annotate --overwrite namespace shop',
  ]);
});

test('hostile names and annotations reach the terminal as they are safe to print', async () => {
  const ESC = String.fromCharCode(27);
  store({
    kind: 'Pod',
    metadata: {
      namespace: 'shop',
      name: 'x',
      annotations: {
        'iam.amazonaws.com/role': `${ESC}[2Jrole\n$(id)`,
        'iam.amazonaws.com/external-id': `${ESC}]0;x`,
      },
      ownerReferences: [{ kind: `Evil${ESC}`, name: '../../x', controller: true, apiVersion: 'x' }],
    },
    spec: { serviceAccountName: `a${ESC}\nb`, containers: [] },
  });
  store({
    kind: 'Namespace',
    metadata: { name: 'shop', annotations: { 'iam.amazonaws.com/allowed-roles': `["'$(id)${ESC}"]` } },
  });
  const { exitCode, stdout } = await site.podrole('migrate', 'kube2iam');
  assert.equal(exitCode, 0);
  assert.ok(!stdout.includes(ESC));
  assert.ok(!/^\$\(id\)/m.test(stdout));
});
