import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { listContainers } from '../testing/docker/listed-containers.ts';
import { runCli } from '../testing/processes/cli.ts';
import { EXIT } from './command.ts';
import { commandTable } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-exit-codes-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();
const daemon = await listContainers([]);
after(daemon.close);
beforeEach(() => site.cluster.objects.set('/version', { gitVersion: 'v1.37.1' }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = file('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
const SIGNING_KEY = file('sa.key', privateKey.export({ type: 'sec1', format: 'pem' }).toString());
const POD = file(
  'pod.yaml',
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {serviceAccountName: web, containers: [{name: a}]}\n',
);
const STATIC_POD = file(
  'static-pod.yaml',
  'kind: Pod\nmetadata: {name: a, annotations: {kubernetes.io/config.mirror: x, iam.amazonaws.com/role: web}}\n',
);
const ACCOUNTS = file(
  'accounts.yaml',
  'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  annotations: {eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/web}\n',
);
const ROLE_POLICY = file('policy.yaml', 'apiVersion: podrole.dev/v1\nkind: RolePolicy\nrules: []\n');
const ABSENT = join(folder, 'absent');
const WEB = ['-n', 'shop', 'web'];
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const INJECT = ['-f', POD, '--service-accounts', ACCOUNTS, '--diff'];
const PUBLISH = ['--issuer', 'https://issuer.test', '--key-file', KEY, '--to', join(folder, 'site')];
const TOKEN = ['--issuer', 'https://issuer.test', '--subject', 'system:serviceaccount:hosts:vm'];
const UP = ['--allow-private-issuer', '--verify=false', '--webhook=false', ...THUMBPRINT, '--exit-code'];
const DOCKER = ['--region', 'eu-central-1', '--docker-host', daemon.dockerHost];
const bind = ['bind', ...WEB, ...THUMBPRINT];

/** A call of a command. On the site, it has an IAM and a cluster; `before` prepares them. */
interface Call {
  readonly args: readonly string[];
  readonly before?: readonly string[];
  readonly isOnSite?: true;
}
type Calls = Readonly<Partial<Record<keyof typeof EXIT, Call>>>;

const onSite = (args: readonly string[], before?: readonly string[]): Call =>
  before ? { args, before, isOnSite: true } : { args, isOnSite: true };

/**
 * Every code that each command can give. A server that drains ends with 0: webhook/webhook-command.test.ts.
 * For the 0 of `test` and `whoami`, see test-pod/run-test.test.ts and test-pod/whoami/run-whoami.test.ts; for
 * 0 and 1 of `doctor`, see doctor/run-doctor.test.ts; for the codes of the command that `exec` runs, see
 * sidecar/exec/run-exec.test.ts.
 */
const CALLS: Readonly<Record<string, Calls>> = {
  up: {
    ok: onSite(UP, ['up', ...UP, '--approve']),
    changes: onSite(UP),
    usage: { args: ['--create-bucket'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1'] },
  },
  bind: {
    ok: onSite([...WEB, ...THUMBPRINT]),
    changes: onSite([...WEB, ...THUMBPRINT, '--exit-code']),
    usage: { args: [] },
    failed: onSite([...WEB, ...THUMBPRINT, '--attach-role-arn', 'arn:aws:iam::111122223333:role/absent']),
  },
  unbind: {
    ok: onSite([...WEB, '--exit-code']),
    changes: onSite([...WEB, '--exit-code'], [...bind, '--approve']),
    usage: { args: [] },
    failed: { args: [...WEB, '--account-id', '111122223333', '--kube-api', 'http://127.0.0.1:1'] },
  },
  policy: {
    ok: onSite([]),
    changes: { args: ['-f', ROLE_POLICY, '--exit-code', 'shop/web=arn:aws:iam::111122223333:role/web'] },
    usage: { args: ['web'] },
    failed: { args: ['-f', ABSENT] },
  },
  list: {
    ok: onSite([], [...bind, '--approve']),
    changes: onSite(['--exit-code'], [...bind, '--approve', '--role-only']),
    usage: { args: ['web', 'shop', '--al'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1'] },
  },
  'provider ensure': {
    ok: onSite(['--exit-code', ...THUMBPRINT], ['provider', 'ensure', ...THUMBPRINT, '--approve']),
    changes: onSite(['--exit-code', ...THUMBPRINT]),
    usage: { args: ['--thumbprint', 'x'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1'] },
  },
  'provider show': {
    ok: onSite(THUMBPRINT, ['provider', 'ensure', ...THUMBPRINT, '--approve']),
    usage: { args: ['--isuer', 'x'] },
    failed: onSite(THUMBPRINT),
  },
  'provider delete': {
    ok: onSite(['--exit-code']),
    changes: onSite(['--exit-code'], ['provider', 'ensure', ...THUMBPRINT, '--approve']),
    usage: { args: ['--force=maybe'] },
    failed: onSite([], [...bind, '--approve']),
  },
  doctor: {
    usage: { args: [] },
    failed: { args: ['shop/web', '--kube-api', 'http://127.0.0.1:1'] },
  },
  test: {
    usage: { args: ['shop/web', 'shop/api'] },
    failed: { args: ['shop/web', '--kube-api', 'http://127.0.0.1:1'] },
  },
  audit: {
    ok: onSite(['--check-issuers=false'], [...bind, '--approve']),
    changes: onSite(['--check-issuers=false', '--fail-on', 'low'], [...bind, '--approve', '--role-only']),
    usage: { args: ['--fail-on', 'severe'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1'] },
  },
  'migrate kube2iam': {
    ok: onSite([], [...bind, '--approve']),
    changes: { args: ['-f', STATIC_POD, '--iam=false', '--exit-code'] },
    usage: { args: ['--exit-cod'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1', '--iam=false'] },
  },
  'migrate kiam': {
    ok: { args: ['-f', POD, '--iam=false', '--exit-code'] },
    changes: { args: ['-f', STATIC_POD, '--iam=false', '--exit-code'] },
    usage: { args: ['--force'] },
    failed: { args: ['-f', ABSENT] },
  },
  whoami: { usage: { args: ['--source', 'x'] }, failed: { args: [] } },
  webhook: { usage: { args: ['--port', 'x'] }, failed: { args: ['--service-accounts', ABSENT] } },
  inject: {
    ok: { args: INJECT },
    changes: { args: [...INJECT, '--exit-code'] },
    usage: { args: ['-f', POD, '--exit-code'] },
    failed: { args: ['-f', ABSENT] },
  },
  redirect: {
    ok: { args: ['--print'] },
    usage: { args: ['--print', '--check'] },
    failed: { args: ['--check'] },
  },
  sidecar: {
    usage: { args: ['--imdsv2', 'x'] },
    failed: {
      args: [
        ...['--role-arn', 'arn:aws:iam::111122223333:role/web', '--token-file', ABSENT],
        ...['--region', 'eu-central-1', '--authorization-token-file', ABSENT],
      ],
    },
  },
  agent: {
    usage: { args: ['--node-name', 'a'] },
    failed: { args: ['--node-name', 'a', '--region', 'eu-central-1', '--kubeconfig', ABSENT] },
  },
  docker: {
    ok: { args: [...DOCKER, '--check'] },
    usage: { args: ['--region', 'eu-central-1', '--allow', 'web'] },
    failed: { args: [...DOCKER, '--check', '--role-file', ABSENT] },
  },
  exec: {
    usage: { args: ['true'] },
    failed: {
      args: [
        ...['--role-arn', 'arn:aws:iam::111122223333:role/web', '--token-file', ABSENT],
        ...['--region', 'eu-central-1', '--', 'true'],
      ],
    },
  },
  probe: { usage: { args: ['--metrics-port', '-1'] }, failed: { args: ['--metrics-port', '1'] } },
  publish: {
    ok: { args: [...PUBLISH, '--dry-run'] },
    usage: { args: ['--to', 'gs://keys'] },
    failed: { args: [...PUBLISH.slice(0, 3), ABSENT, '--to', join(folder, 'site')] },
  },
  'keys create': {
    ok: { args: ['--out', join(folder, 'pki'), '--type', 'ec-p256'] },
    usage: { args: ['--type', 'dsa', '--out', folder] },
    failed: { args: ['--out', join(KEY, 'below')] },
  },
  'keys rotate': { usage: { args: ['forward'] }, failed: { args: ['status', '--to', folder] } },
  completion: { ok: { args: ['bash'] }, usage: { args: ['bsh'] } },
  version: {
    ok: { args: ['--client'] },
    usage: { args: ['--client=maybe'] },
    failed: { args: ['--kube-api', 'http://127.0.0.1:1'] },
  },
  token: {
    ok: { args: [...TOKEN, '--signing-key', SIGNING_KEY] },
    usage: { args: ['--subject', 'a'] },
    failed: { args: [...TOKEN, '--signing-key', ABSENT] },
  },
  sts: { usage: { args: [] }, failed: { args: ['--config', ABSENT] } },
};

test('every command is called here', () => {
  assert.deepEqual(Object.keys(CALLS).sort(), commandTable.map(({ name }) => name).sort());
});

for (const [name, calls] of Object.entries(CALLS)) {
  for (const [word, { args, before, isOnSite }] of Object.entries(calls)) {
    test(`${name} exits with the code for ${word}`, async () => {
      if (before) await site.podrole(...before);
      const line = [...name.split(' '), ...args];
      const { exitCode, stdout, stderr } = isOnSite
        ? await (OWN_ACCOUNT.includes(name) ? runOnCluster(line) : site.podrole(...line))
        : await runCli(line, { env: { PATH: '/nonexistent' } });
      assert.deepEqual({ ...EXIT, [word]: exitCode }, EXIT, `${stdout}${stderr}`);
    });
  }
}

/** These take no --account-id: they read the account of the credentials, or none. */
const OWN_ACCOUNT = ['list', 'audit', 'policy'];

function runOnCluster(line: readonly string[]): ReturnType<typeof runCli> {
  return runCli([...line, '--kube-api', site.cluster.url]);
}
