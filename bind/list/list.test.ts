import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import type { JsonObject } from '../../lib/json/json.ts';
import {
  type IamAnswer,
  type IamServer,
  iamRefusal,
  iamResult,
  startIamServer,
} from '../../testing/aws/iam-server.ts';
import { DISCOVERY_PATH, type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { runCli } from '../../testing/processes/cli.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';

const ISSUER = 'https://oidc.example.com/one';
const ACCOUNT = 'arn:aws:iam::111122223333';
const ENV = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_REGION: 'eu-central-1',
} as const;

let iam: IamServer;
let cluster: FakeCluster;
let refuse: (action: string) => IamAnswer | undefined = () => undefined;

before(async () => {
  cluster = await startFakeCluster({ mostPerPage: 2 });
  iam = await startIamServer(({ action, parameters }) => {
    const refusal = refuse(action);
    if (refusal) return refusal;
    if (action === 'GetOpenIDConnectProvider') return iamResult(action, PROVIDER);
    if (action === 'ListRoles') return iamResult(action, parameters['Marker'] ? SECOND_PAGE : FIRST_PAGE);
    if (parameters['RoleName'] === 'removed') return iamRefusal(404, 'NoSuchEntity', 'cannot be found.');
    return iamResult(action, parameters['RoleName'] === 'orphan' ? TAGS : '<Tags/>');
  });
  // The SDK looks into the environment of the process itself.
  Object.assign(process.env, ENV, { AWS_ENDPOINT_URL_IAM: iam.url });
});

beforeEach(() => {
  refuse = () => undefined;
  cluster.objects.clear();
  cluster.objects.set(DISCOVERY_PATH, { issuer: ISSUER });
  cluster.trouble = () => undefined;
  const accounts = [
    serviceAccount('shop', 'web', { 'eks.amazonaws.com/role-arn': `${ACCOUNT}:role/web` }),
    serviceAccount('shop', 'api', { 'eks.amazonaws.com/role-arn': `${ACCOUNT}:role/web` }),
    serviceAccount('shop', 'default', {}),
    serviceAccount('kube-system', 'aws-node', { 'eks.amazonaws.com/role-arn': `${ACCOUNT}:role/gone` }),
  ];
  for (const account of accounts) cluster.put(account);
});

after(async () => {
  await cluster.stop();
  await iam.stop();
});

/**
 * To rewrite the golden files, then look at the difference: UPDATE_GOLDEN=1 node --test
 * bind/list/list.test.ts
 */
const GOLDEN: Readonly<Record<string, readonly string[]>> = {
  'list.txt': [],
  'list-all.txt': ['--all'],
  'list-shop.json': ['-n', 'shop', '-o', 'json'],
};

for (const [file, args] of Object.entries(GOLDEN)) {
  test(`podrole list ${args.join(' ')}`.trim(), async () => {
    const { exitCode, stdout, stderr } = await list(...args);
    const path = `${import.meta.dirname}/testdata/${file}`;
    if (process.env['UPDATE_GOLDEN']) writeFileSync(path, stdout);
    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    assert.equal(stdout, readFileSync(path, 'utf8'));
  });
}

test('--exit-code fails where something is wrong, and only there', async () => {
  assert.equal((await list('--exit-code')).exitCode, 1);
  cluster.put(serviceAccount('jobs', 'default', {}));
  assert.deepEqual(await list('--exit-code', '-n', 'jobs'), {
    exitCode: 0,
    stdout: 'no bindings found\n',
    stderr: '',
  });
});

test('roles that pods name, only with --pod-role-annotation', async () => {
  const metadata = { namespace: 'shop', name: 'web-0', annotations: { 'iam.amazonaws.com/role': 'orphan' } };
  cluster.put({ metadata, spec: { serviceAccountName: 'web' }, status: { phase: 'Running' } }, 'pods');
  const plain = await list('-o', 'json');
  assert.doesNotMatch(plain.stdout, /web-0/);
  const options = ['--pod-role-annotation', 'iam.amazonaws.com/role', '--base-role-arn', `${ACCOUNT}:role/`];
  const { stdout } = await list(...options);
  assert.match(stdout, /^shop +web +drifted +arn:\S+:role\/orphan\n {4}named by the pod web-0, /m);
  // The role is somebody's now.
  assert.doesNotMatch(stdout, /^shop +old /m);
});

test('tags are asked for only of roles that no ServiceAccount names, policies only of bound roles', async () => {
  const seen = iam.calls.length;
  await list();
  const asked = iam.calls
    .slice(seen)
    .map(({ action, parameters: { RoleName = '' } }) => `${action} ${RoleName}`);
  assert.deepEqual(asked.sort(), [
    'GetOpenIDConnectProvider ',
    'ListAttachedRolePolicies web',
    'ListRolePolicies web',
    'ListRoleTags foreign',
    'ListRoleTags orphan',
    'ListRoleTags removed',
    'ListRoles ',
    'ListRoles ',
  ]);
});

test('who may not read the provider gets the list without the comparison of client IDs, and a note', async () => {
  const all = await list();
  refuse = (asked) =>
    asked === 'GetOpenIDConnectProvider'
      ? iamRefusal(403, 'AccessDenied', 'User: … is not authorized')
      : undefined;
  const { exitCode, stdout, stderr } = await list();
  assert.deepEqual([exitCode, stdout], [0, all.stdout]);
  assert.match(
    stderr,
    /^note: the audiences of the tokens are not compared with the client IDs: .*AccessDenied/,
  );
});

const NO_POLICIES = '<IsTruncated>false</IsTruncated><AttachedPolicies/><PolicyNames/>';
const ATTACHED =
  '<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/A</PolicyArn></member></AttachedPolicies>';
const POLICIES: readonly (readonly [name: string, answer: (action: string) => IamAnswer, isBare: boolean])[] =
  [
    ['no policies', (action) => iamResult(action, NO_POLICIES), true],
    ['a managed policy', (action) => iamResult(action, ATTACHED), false],
    [
      'an inline policy',
      (action) => iamResult(action, '<PolicyNames><member>a</member></PolicyNames><AttachedPolicies/>'),
      false,
    ],
    ['policies that may not be read', () => iamRefusal(403, 'AccessDenied', 'no'), false],
    ['a server without the call', () => iamRefusal(405, 'MethodNotAllowed', 'no'), false],
  ];
for (const [name, answer, isBare] of POLICIES) {
  test(`a bound role with ${name}: ${isBare ? 'a remark' : 'no remark'}`, async () => {
    refuse = (action) => (/RolePolicies$/.test(action) ? answer(action) : undefined);
    const { exitCode, stdout } = await list('-n', 'shop');
    assert.equal(exitCode, 0);
    assert.equal(
      /^shop +web +bound .*\n {4}role without policies: it allows nothing/m.test(stdout),
      isBare,
      stdout,
    );
  });
}

test('what IAM or the cluster refuse is an error, never a role that is missing', async () => {
  for (const action of ['ListRoles', 'ListRoleTags']) {
    refuse = (asked) =>
      asked === action ? iamRefusal(403, 'AccessDenied', 'User: … is not authorized') : undefined;
    const { exitCode, stdout, stderr } = await list();
    assert.deepEqual([exitCode, stdout], [3, '']);
    assert.match(stderr, new RegExp(`iam:${action} failed: AccessDenied`));
  }
  refuse = () => undefined;
  const forbidden = { status: 403, message: 'not for you' };
  cluster.trouble = ({ pathname }) => (pathname === '/api/v1/serviceaccounts' ? forbidden : undefined);
  const { exitCode, stderr } = await list();
  assert.equal(exitCode, 3);
  assert.match(stderr, /serviceaccounts: answered 403 \(not for you\)/);
});

function list(...args: string[]) {
  return runCli(['list', '--kube-api', cluster.url, ...args]);
}

function serviceAccount(namespace: string, name: string, annotations: JsonObject): JsonObject {
  return { metadata: { namespace, name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } };
}

function roleXml(name: string, subject: string, issuer = ISSUER): string {
  const providerArn = `${ACCOUNT}:oidc-provider/${issuer.slice('https://'.length)}`;
  const entry = { providerArn, issuer, subject, isPattern: false, audience: 'sts.amazonaws.com' };
  const policy = encodeURIComponent(JSON.stringify(trustPolicyOf([entry])));
  return `<member><Path>/</Path><RoleName>${name}</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>${ACCOUNT}:role/${name}</Arn><CreateDate>2026-08-01T12:00:00Z</CreateDate><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`;
}

const web = roleXml('web', 'system:serviceaccount:shop:web');
const rest = [
  roleXml('orphan', 'system:serviceaccount:shop:old'),
  roleXml('foreign', 'system:serviceaccount:shop:web', 'https://oidc.example.com/two'),
  roleXml('removed', 'system:serviceaccount:shop:removed'),
];
const FIRST_PAGE = `<IsTruncated>true</IsTruncated><Marker>second</Marker><Roles>${web}</Roles>`;
const SECOND_PAGE = `<IsTruncated>false</IsTruncated><Roles>${rest.join('')}</Roles>`;
const PROVIDER =
  '<Url>oidc.example.com/one</Url><ClientIDList><member>sts.amazonaws.com</member></ClientIDList>';
const TAGS = `<IsTruncated>false</IsTruncated><Tags><member><Key>podrole.dev/managed-by</Key><Value>podrole</Value></member><member><Key>podrole.dev/issuer</Key><Value>oidc.example.com/one</Value></member><member><Key>podrole.dev/service-account</Key><Value>shop/old</Value></member></Tags>`;

for (const namespace of ['shop/../kube-system', '../../cli', 'shop ', 'Shop', '%2e%2e']) {
  test(`not a namespace, so nothing is asked: ${namespace}`, async () => {
    const asked = cluster.requests.length;
    const { exitCode, stderr } = await runCli(['list', '-n', namespace, '--kube-api', cluster.url]);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /--namespace: is .*, must be a namespace: up to 63 of the characters a-z, 0-9 and -/,
    );
    assert.equal(cluster.requests.length, asked);
  });
}
