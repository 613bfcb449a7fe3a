import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { SITE_ISSUER, useBindSite } from '../testing/bind/bind-site.ts';
import { runCli } from '../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-audit-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();
const WEB = 'arn:aws:iam::111122223333:role/web';
const HOST = SITE_ISSUER.slice('https://'.length);
const ID = `AKIA${'IOSFODNN7EXAMPLE'}`;
const SECRET = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');

function role(subject: string, operator = 'StringEquals') {
  const condition = { [operator]: { [`${HOST}:sub`]: subject }, StringEqualsIfExists: {} };
  return {
    path: '/',
    trustPolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${HOST}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { ...condition, StringEqualsIfExists: { [`${HOST}:aud`]: 'sts.amazonaws.com' } },
        },
      ],
    }),
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set<string>(),
    inline: new Map(),
  };
}

const meta = (name: string, namespace = 'shop') => ({ namespace, name });

beforeEach(() => {
  const { iam, cluster } = site;
  iam.providers.set(`arn:aws:iam::111122223333:oidc-provider/${HOST}`, {
    url: HOST,
    clientIds: new Set(['sts.amazonaws.com']),
    thumbprints: [],
    tags: new Map(),
  });
  iam.roles.set('web', role('system:serviceaccount:shop:web'));
  iam.lastUsed.set('web', new Date().toISOString());
  cluster.objects.set('/version', { gitVersion: 'v1.37.1' });
  cluster.objects.set('/api/v1/namespaces/shop', { metadata: { name: 'shop' } });
  cluster.put({ metadata: { ...meta('web'), annotations: { 'eks.amazonaws.com/role-arn': WEB } } });
  cluster.put(
    {
      metadata: meta('web-1'),
      spec: {
        serviceAccountName: 'web',
        containers: [
          {
            name: 'a',
            image: 'a',
            env: [
              { name: 'AWS_ROLE_ARN', value: WEB },
              { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/token' },
            ],
          },
        ],
      },
      status: { phase: 'Running' },
    },
    'pods',
  );
  cluster.put(
    { metadata: meta('done'), spec: { serviceAccountName: 'web' }, status: { phase: 'Succeeded' } },
    'pods',
  );
});

function audit(...args: string[]) {
  return runCli(['audit', '--check-issuers=false', '--kube-api', site.cluster.url, ...args]);
}

test('a healthy cluster as a table', async () => {
  const { exitCode, stdout, stderr } = await audit();
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `cluster of this pod: 1 namespace, 1 ServiceAccount, 1 pod, 0 nodes; issuer ${SITE_ISSUER}
account: 111122223333

FINDINGS: 0 high, 0 medium, 0 low, 0 note

WHO MAY ASSUME WHAT
NAMESPACE  SERVICEACCOUNT  BY            VERDICT  ROLE
shop       web             web-identity  allowed  ${WEB}
`,
  );
});

test('static keys are found and never printed, in any format', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  site.cluster.put({ metadata: meta('keys'), data: { a: base64(ID), b: base64(SECRET) } }, 'secrets');
  for (const output of ['table', 'csv', 'dot', 'json', 'yaml', 'sarif']) {
    const { exitCode, stdout, stderr } = await audit('-o', output, '--fail-on', 'high');
    assert.equal(exitCode, 1, stderr);
    assert.doesNotMatch(`${stdout}${stderr}`, new RegExp(`${ID}|${SECRET}`));
    if (!['csv', 'dot'].includes(output)) assert.match(stdout, /AKIA…MPLE/);
  }
  const asked = site.cluster.requests.length;
  assert.equal((await audit('--static-keys=false', '--fail-on', 'note')).exitCode, 0);
  const paths = site.cluster.requests.slice(asked).map(({ pathname }) => pathname);
  assert.deepEqual(
    paths.filter((path) => /secrets|configmaps/.test(path)),
    [],
  );
});

test('--fail-on fails at its severity and above', async () => {
  site.iam.roles.set('web', role('system:serviceaccount:shop:*', 'StringLike'));
  for (const [limit, exitCode] of [
    ['high', 0],
    ['medium', 1],
    ['low', 1],
    ['note', 1],
  ] as const)
    assert.equal((await audit('--fail-on', limit)).exitCode, exitCode, limit);
});

test('what may not be read is named, and the audit goes on', async () => {
  const forbidden = { status: 403, message: 'not for you' };
  site.cluster.trouble = ({ pathname }) =>
    /serviceaccounts|clusterroles|secrets|nodes|daemonsets/.test(pathname) ? forbidden : undefined;
  site.iam.refuse = ({ action }) =>
    /^(GetRole|ListOpenIDConnectProviders|ListInstanceProfiles)$/.test(action)
      ? iamRefusal(403, 'AccessDenied', 'User: … is not authorized')
      : undefined;
  const { exitCode, stdout } = await audit('-o', 'json');
  assert.equal(exitCode, 0);
  const model = asObject(JSON.parse(stdout));
  const unread = asArray(asObject(asArray(model?.['clusters'])?.[0])?.['unread'])?.map(String) ?? [];
  for (const what of [
    /^serviceaccounts: you need this right: list on serviceaccounts \(answered 403 \(not for you\)\); without it: who/,
    /^clusterroles: you need this right: list on clusterroles\.rbac\.authorization\.k8s\.io/,
    /^secrets: you need this right: list on secrets/,
    /^nodes: /,
    /^DaemonSets: /,
    /^last use of roles: allow these credentials iam:GetRole on it, or use others \(iam:GetRole failed: AccessDenied/,
    /^OIDC providers: allow these credentials iam:ListOpenIDConnectProviders on it, .* failed: AccessDenied/,
    /^instance profiles: allow these credentials iam:ListInstanceProfiles on it, .* failed/,
  ])
    assert.ok(
      unread.some((text) => what.test(text)),
      `${what} in\n${unread.join('\n')}`,
    );
  // The pod still shows who has the role.
  assert.equal(asObject(asArray(model?.['grants'])?.[0])?.['roleArn'], WEB);
});

test('a cluster that does not know who asks was not audited, and no right is missing', async () => {
  site.cluster.trouble = () => ({ status: 401, message: 'Unauthorized' });
  const { exitCode, stderr } = await audit();
  assert.equal(exitCode, 3);
  assert.match(stderr, /was not audited: serviceaccounts: renew the credentials of this kubeconfig/);
  assert.doesNotMatch(stderr, /allow yourself/);
});

test('without any right in IAM, verdicts are unknown, and never "refused"', async () => {
  site.iam.refuse = () => iamRefusal(403, 'AccessDenied', 'User: … is not authorized');
  const { exitCode, stdout } = await audit();
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /shop +web +web-identity +unknown/);
  assert.match(
    stdout,
    /roles of IAM: allow these credentials iam:ListRoles on it, or use others \(iam:ListRoles failed: AccessDenied/,
  );
  // A pipeline without credentials must not pass.
  assert.deepEqual([(await audit('--fail-on', 'high')).exitCode], [3]);
});

test('without the issuer, --fail-on does not pass', async () => {
  site.cluster.trouble = ({ pathname }) =>
    pathname.startsWith('/.well-known/') ? { status: 403, message: 'not for you' } : undefined;
  assert.equal((await audit('--fail-on', 'high')).exitCode, 3);
  assert.equal((await audit()).exitCode, 0);
});

test('a cluster that does not answer is a failure', async () => {
  const { exitCode, stdout, stderr } = await runCli(['audit', '--kube-api', 'http://127.0.0.1:1']);
  assert.deepEqual([exitCode, stdout], [3, '']);
  assert.match(stderr, /cluster of this pod: was not audited: serviceaccounts: .*\[CLUSTER_NOT_AUDITED\]/);
});

test('several contexts are audited at once, and one that does not answer fails the rest', async () => {
  const context = (name: string, server: string) => ({
    contexts: [{ name, context: { cluster: name, user: 'u' } }],
    clusters: [{ name, cluster: { server } }],
  });
  const [one, two, dead] = [
    context('one', site.cluster.url),
    context('two', site.cluster.url),
    context('dead', 'http://127.0.0.1:1'),
  ];
  const kubeconfig = join(folder, 'config.json');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      contexts: [...one.contexts, ...two.contexts, ...dead.contexts],
      clusters: [...one.clusters, ...two.clusters, ...dead.clusters],
      users: [{ name: 'u', user: {} }],
    }),
  );
  const run = (...contexts: string[]) =>
    runCli([
      'audit',
      '--check-issuers=false',
      '--kubeconfig',
      kubeconfig,
      ...contexts.flatMap((name) => ['--context', name]),
    ]);
  const both = await run('one', 'two', 'one');
  assert.equal(both.exitCode, 0, both.stderr);
  assert.match(both.stdout, /^cluster one: .*\ncluster two: /);
  assert.match(both.stdout, /\none +shop +web .*\ntwo +shop +web /);
  assert.match(both.stdout, /is shared by ServiceAccounts of 2 namespaces: one: shop\/web, two: shop\/web/);
  assert.match((await run()).stdout, /^cluster one: /);
  const partly = await run('one', 'dead');
  assert.equal(partly.exitCode, 3);
  assert.match(partly.stdout, /^cluster one: /);
  assert.match(partly.stderr, /cluster dead: was not audited/);
  assert.match((await run('one', 'tow')).stderr, /has no context "tow"; its contexts are one, two, dead/);
});

test('--role and --service-account answer who and what', async () => {
  site.iam.roles.set('all', role('system:serviceaccount:*:*', 'StringLike'));
  site.cluster.put({ metadata: meta('api') });
  const edges = async (...args: string[]) => {
    const { stdout, stderr } = await audit('-o', 'json', ...args);
    assert.equal(stderr, '');
    const model = asObject(JSON.parse(stdout));
    const grants = (asArray(model?.['grants']) ?? []).map((grant) => asObject(grant) ?? {});
    const name = (grant: JsonObject) =>
      `${grant['serviceAccount']} ${String(grant['roleArn']).split('/')[1]}`;
    const findings = (asArray(model?.['findings']) ?? []).map((finding) => asObject(finding)?.['code']);
    return [grants.map(name), findings];
  };
  assert.deepEqual(await edges('--role', WEB), [['web web'], []]);
  assert.deepEqual(await edges('--service-account', 'api'), [['api all'], ['NO_SUBJECT', 'UNUSED_ROLE']]);
  assert.deepEqual(await edges('--service-account', 'shop/web', '--role', WEB), [['web web'], []]);
  const typo = await audit('--role', `${WEB}s`);
  assert.equal(typo.exitCode, 3);
  assert.match(typo.stderr, /--role .*webs: is not a role of the account.*\[NOT_IN_IAM\]/);
  assert.match((await audit('--service-account', 'ops/web')).stderr, /SERVICE_ACCOUNT_MISSING/);
});

test('-n reads only one namespace', async () => {
  site.cluster.put({
    metadata: { ...meta('web', 'ops'), annotations: { 'eks.amazonaws.com/role-arn': WEB } },
  });
  const asked = site.cluster.requests.length;
  const { stdout } = await audit('-n', 'shop');
  assert.match(stdout, /1 ServiceAccount/);
  const namespaced = site.cluster.requests.slice(asked).map(({ pathname }) => pathname);
  assert.ok(namespaced.includes('/api/v1/namespaces/shop/pods'));
  assert.ok(!namespaced.includes('/api/v1/secrets'));
});

test('a namespace that does not exist is an error, and never "nobody"', async () => {
  const { exitCode, stdout, stderr } = await audit('-n', 'shp');
  assert.deepEqual([exitCode, stdout], [3, '']);
  assert.match(
    stderr,
    /^error: namespace shp: does not exist, .*; correct the name, .*\[NAMESPACE_MISSING\]/,
  );
});

test('--report writes a new page that only its owner may read', async () => {
  const file = join(folder, 'audit.html');
  assert.equal((await audit('--report', file)).exitCode, 0);
  assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, 'mine');
  const asked = site.cluster.requests.length;
  const again = await audit('--report', file);
  assert.deepEqual([again.exitCode, again.stdout], [3, '']);
  assert.equal(site.cluster.requests.length, asked);
  assert.match(again.stderr, /exists already; give --force to replace it, or another name \[NOT_WRITTEN\]/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  assert.equal((await audit('--report', file, '--force')).exitCode, 0);
  assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/);
  assert.match((await audit('--report', join(file, 'x'))).stderr, /NOT_WRITTEN/);
});
