import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { ISSUER, POD_PATH, podOf, ROLE, SERVICE_ACCOUNT_PATH } from '../testing/doctor/doctor-cluster.ts';
import { type DoctorSite, startDoctorSite } from '../testing/doctor/doctor-site.ts';
import { runCli } from '../testing/processes/cli.ts';
import type { LinkId } from './link-ids.ts';
import type { DoctorResult } from './render/for-programs.ts';

const WEBHOOK_PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';

let site: DoctorSite;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  site = await startDoctorSite();
  stops.push(site.stop);
});
after(() => Promise.all(stops.map((stop) => stop())));

const doctor = (...args: string[]) => site.podrole('doctor', '-n', 'shop', ...args);

async function judge(...args: string[]): Promise<DoctorResult & { readonly exitCode: number }> {
  const { exitCode, stdout, stderr } = await doctor(...args, '-o', 'json');
  assert.equal(stderr, '');
  return { exitCode, ...JSON.parse(stdout) };
}

test('a healthy chain', async () => {
  const { exitCode, healthy, chains } = await judge('pod/web-0');
  assert.deepEqual([exitCode, healthy, chains[0]?.firstBroken], [0, true, undefined]);
  const { stdout } = await doctor('pod/web-0');
  assert.match(
    stdout,
    /\nhealthy: pods of ServiceAccount shop\/web get\narn:aws:iam::111122223333:role\/shop-web\n$/,
  );
});

const HOST = ISSUER.replace('https://', '');
const PROVIDER = `arn:aws:iam::111122223333:oidc-provider/${HOST}`;
const web = () => site.iam.roles.get('shop-web');

/** One world per part of the chain, with the link that is broken. The others are in e2e/cases/doctor. */
const WORLDS: readonly (readonly [what: string, link: LinkId, breakIt: () => unknown])[] = [
  [
    'no annotation',
    'annotation',
    () => {
      admitUnchanged();
      putAccount('web', {});
    },
  ],
  [
    'no webhook',
    'webhook',
    () => {
      admitUnchanged();
      site.cluster.objects.delete(WEBHOOK_PATH);
    },
  ],
  ['a pod without a role', 'pod', () => site.cluster.store(POD_PATH, podOf('web-0'))],
  [
    'no published keys',
    'discovery',
    () => (site.issuer.answerWith = (_, response) => response.writeHead(404).end()),
  ],
  ['no provider', 'provider', () => site.iam.providers.delete(PROVIDER)],
  ['a provider without the audience', 'provider', () => site.iam.providers.get(PROVIDER)?.clientIds.clear()],
  ['no role', 'role', () => site.iam.roles.delete('shop-web')],
  [
    'the wrong namespace in the trust policy',
    'trust-policy',
    () =>
      Object.assign(web() ?? {}, {
        trustPolicy: web()?.trustPolicy.replace('account:shop:', 'account:ops:'),
      }),
  ],
];
for (const [what, link, breakIt] of WORLDS) {
  test(`${what} breaks the link ${link}, and nothing before it, also in saved facts`, async () => {
    breakIt();
    const { exitCode, chains } = await judge('pod/web-0');
    const [{ firstBroken, chain = [] } = {}] = chains;
    assert.deepEqual([exitCode, firstBroken?.link], [1, link], JSON.stringify(chain, null, 1));
    assert.ok(firstBroken?.remedy);
    const saved = join(site.folder, 'facts');
    const live = await doctor('pod/web-0', '--save', saved);
    assert.match(
      live.stdout,
      new RegExp(`^\\w.*\\n(?:  role .*\\n)?\\nBROKEN .* \\[${firstBroken?.code}\\]\\n`),
    );
    const offline = await runCli(['doctor', '--offline', saved, '--kube-api', site.cluster.url]);
    assert.deepEqual([offline.stdout, offline.exitCode], [live.stdout, live.exitCode]);
  });
}

test('it changes nothing, and neither output nor errors hold a token', async () => {
  const { stdout, stderr } = await doctor('sa/web');
  assert.doesNotMatch(`${stdout}${stderr}`, /eyJ/);
  const writes = site.cluster.requests.filter(
    ({ method, pathname, searchParams }) =>
      method !== 'GET' &&
      !/\/token$|reviews$/.test(pathname) &&
      !(pathname.endsWith('/pods') && searchParams.get('dryRun') === 'All'),
  );
  assert.deepEqual(writes, []);
  assert.deepEqual(site.iam.writes(), []);
});

test('saved facts judge the same elsewhere, without any connection', async () => {
  const saved = join(site.folder, 'facts');
  const live = await doctor('pod/web-0', 'sa/web', '--save', saved);
  assert.match(live.stderr, /^saved the facts to .*facts; its README\.txt says what they hold\n$/);
  assert.equal(readdirSync(saved).length, 3);
  for (const name of readdirSync(saved)) assert.doesNotMatch(readFileSync(join(saved, name), 'utf8'), /eyJ/);
  const before = site.cluster.requests.length;
  const offline = await runCli(['doctor', '--offline', saved], { env: { PATH: '/nonexistent' } });
  assert.deepEqual([offline.stdout, offline.exitCode], [live.stdout, live.exitCode]);
  assert.equal(site.cluster.requests.length, before);
});

test('an existing folder is refused before anything is read', async () => {
  const { exitCode, stderr } = await doctor('sa/web', '--save', site.folder);
  assert.equal(exitCode, 3);
  assert.match(stderr, /\[FILE_EXISTS\]/);
  assert.equal(site.cluster.requests.length, 0);
});

test('what does not exist is an error', async () => {
  for (const subject of ['pod/absent', 'deploy/absent', 'cronjob/absent', 'sa/absent']) {
    const { exitCode, stderr } = await doctor(subject);
    assert.equal(exitCode, 3, subject);
    assert.match(stderr, /\[SUBJECT_MISSING\]/, subject);
  }
});

test('--all judges every ServiceAccount with a role, and reads once what they share', async () => {
  for (const name of ['api', 'worker']) putAccount(name, { 'eks.amazonaws.com/role-arn': ROLE });
  putAccount('bare', {});
  const { chains } = await judge('--all');
  assert.deepEqual(chains.map(({ subject }) => subject.name).sort(), ['api', 'web', 'worker']);
  const reads = (pathname: string) =>
    site.cluster.requests.filter((request) => request.pathname === pathname).length;
  assert.equal(reads('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'), 1);
  assert.equal(reads('/api/v1/namespaces/shop'), 1);
  assert.equal(site.iam.calls.filter(({ action }) => action === 'GetOpenIDConnectProvider').length, 1);
});

test('--all without a role in the namespace is an error', async () => {
  const { exitCode, stderr } = await site.podrole('doctor', '-n', 'empty', '--all');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /^error: namespace empty: has no ServiceAccount whose annotations name a role; .* \[NOTHING_TO_JUDGE\]/,
  );
});

test('a container with a role of its own is a chain of its own', async () => {
  putAccount('web', { 'eks.amazonaws.com/role-arn': ROLE, 'podrole.dev/container-roles': `app=${ROLE}-app` });
  const { chains } = await judge('sa/web');
  assert.deepEqual(
    chains.map(({ container, roleArn }) => [container, roleArn]),
    [
      [undefined, ROLE],
      ['app', `${ROLE}-app`],
    ],
  );
});

test('without any other right than to read the pod, nothing is called broken, and it says what is missing', async () => {
  site.cluster.trouble = ({ method, pathname }) =>
    method === 'GET' && pathname === POD_PATH ? undefined : { status: 403, message: 'forbidden' };
  site.iam.refuse = () => iamRefusal(403, 'AccessDenied', 'not authorized');
  const { exitCode, chains } = await judge('pod/web-0');
  assert.equal(exitCode, 3);
  const [{ chain = [], verdict } = {}] = chains;
  assert.equal(verdict, 'unknown');
  assert.deepEqual(
    chain.filter(({ state }) => state === 'broken' || state === 'skipped'),
    [],
  );
});

test('a subject that may not be read is an error that names the right', async () => {
  site.cluster.trouble = () => ({ status: 403, message: 'forbidden' });
  const { exitCode, stderr } = await doctor('pod/web-0');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /^error: pod shop\/web-0: .*; you need this right: get on pods in the namespace shop \[API_REFUSED\]/,
  );
});

/** Pods are stored as they are sent. */
function admitUnchanged(): void {
  site.cluster.admit = (pod) => pod;
  site.cluster.store(POD_PATH, podOf('web-0'));
}

function putAccount(name: string, annotations: Readonly<Record<string, string>>): void {
  const known = asObject(site.cluster.objects.get(SERVICE_ACCOUNT_PATH));
  const metadata = { ...asObject(known?.['metadata']), name, annotations };
  site.cluster.store(SERVICE_ACCOUNT_PATH.replace(/web$/, name), { metadata });
}
