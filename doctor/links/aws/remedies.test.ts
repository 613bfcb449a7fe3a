import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openIam } from '../../../bind/iam/open-iam.ts';
import { entrySid } from '../../../bind/trust/trust-statement.ts';
import { serviceAccountPath } from '../../../kubernetes/core-paths.ts';
import { useBindSite } from '../../../testing/bind/bind-site.ts';
import {
  awsChain,
  CHAIN_ISSUER,
  CHAIN_KEY,
  CHAIN_PROVIDER,
  CHAIN_ROLE,
  CHAIN_SUBJECT,
  type ChainChanges,
  chainPod,
  chainStatement,
} from '../../../testing/doctor/aws-chain.ts';
import { read } from '../../../testing/doctor/reading.ts';
import { REFUSING_POLICIES } from '../../../testing/doctor/trust-cases.ts';
import type { Finding } from '../../chain/finding.ts';
import type { Link } from '../../chain/link.ts';
import { collectAws } from '../../collect/aws/collect-aws.ts';
import { createOnce } from '../../collect/once.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { duration } from './duration.ts';
import { provider } from './provider.ts';
import { role } from './role.ts';
import { trustPolicy } from './trust-policy.ts';

const site = useBindSite();
const KEY = 'eks.amazonaws.com/role-arn';
const AUD = `${CHAIN_KEY}:aud`;

beforeEach(() => {
  site.iam.providers.set(CHAIN_PROVIDER, {
    url: CHAIN_KEY,
    clientIds: new Set(['sts.amazonaws.com']),
    thumbprints: ['ab'.repeat(20)],
    tags: new Map(),
  });
  putRole([chainStatement()]);
  annotate({ [KEY]: CHAIN_ROLE });
});

function putRole(statements: readonly object[], path = '/team/', name = 'web'): void {
  site.iam.roles.set(name, {
    path,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set(['arn:aws:iam::aws:policy/ReadOnlyAccess']),
    inline: new Map(),
  });
}

function annotate(annotations: Record<string, string>): void {
  const metadata = { namespace: 'shop', name: 'web', annotations };
  site.cluster.objects.set('/api/v1/namespaces/shop', { metadata: { name: 'shop' } });
  site.cluster.objects.set(serviceAccountPath('shop', 'web'), { metadata });
}

/** Judges what IAM holds now, as podrole doctor does. */
async function judge(link: Link, changes: ChainChanges = {}): Promise<Finding> {
  const asked: ChainFacts = awsChain(changes);
  const aws = await collectAws({
    grant: asked.grant,
    issuer: CHAIN_ISSUER,
    token: undefined,
    pod: undefined,
    container: asked.container,
    settings: asked.settings,
    env: process.env,
    signal: new AbortController().signal,
    once: createOnce(),
  });
  return link.judge({ ...asked, aws })[0];
}

/** Runs the command of a remedy as a shell would. */
async function run({ remedy }: Finding, ...more: readonly string[]): Promise<void> {
  const [command = ''] = remedy?.commands ?? [];
  const [program, ...args] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
  if (program === 'aws') return await runAws(args);
  assert.equal(program, 'podrole', command);
  const { exitCode, stderr } = await site.podrole(...args, ...more);
  assert.equal(exitCode, 0, `${command}: ${stderr}`);
}

async function runAws(args: readonly string[]): Promise<void> {
  const value = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
  assert.deepEqual(args.slice(0, 2), ['iam', 'update-assume-role-policy']);
  const iam = await openIam(undefined, process.env);
  const { UpdateAssumeRolePolicyCommand } = await import('@aws-sdk/client-iam');
  const PolicyDocument = value('--policy-document');
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: value('--role-name'), PolicyDocument }));
  iam.destroy();
}

for (const [name, statements, code] of REFUSING_POLICIES) {
  test(`trust policy, ${name}: podrole bind lets the ServiceAccount in`, async () => {
    putRole(statements);
    const broken = await judge(trustPolicy);
    assert.equal(broken.code, code);
    await run(broken);
    const after = await judge(trustPolicy);
    assert.notEqual(after.state, 'broken', JSON.stringify(after));
  });
}

const OWN = [
  'another namespace',
  '* under StringEquals',
  'https:// in the key',
  'another audience',
  'with MFA',
  'until yesterday',
  'sts:AssumeRole',
  'the provider of another account',
];
for (const [name, [statement], code] of REFUSING_POLICIES.filter(([each]) => OWN.includes(each))) {
  test(`podrole's own statement was edited, ${name}: podrole bind repairs it`, async () => {
    const Sid = entrySid({ issuer: CHAIN_ISSUER, subject: CHAIN_SUBJECT });
    putRole([{ ...statement, Sid }]);
    const broken = await judge(trustPolicy);
    assert.equal(broken.code, code);
    await run(broken);
    assert.equal((await judge(trustPolicy)).state, 'ok');
  });
}

test('trust policy, a Deny and nothing at all: the aws command', async () => {
  const deny = chainStatement({ Effect: 'Deny', Condition: { StringLike: { [`${CHAIN_KEY}:sub`]: '*' } } });
  for (const statements of [[chainStatement(), deny], []]) {
    putRole(statements);
    const broken = await judge(trustPolicy);
    assert.equal(broken.state, 'broken');
    await run(broken);
    assert.equal((await judge(trustPolicy)).state, 'ok');
  }
});

test('trust policy without subject or audience: the aws command', async () => {
  const sub = { [`${CHAIN_KEY}:sub`]: CHAIN_SUBJECT };
  for (const StringEquals of [sub, { [AUD]: 'sts.amazonaws.com' }, {}]) {
    putRole([chainStatement({ Condition: { StringEquals } })]);
    const warning = await judge(trustPolicy);
    assert.equal(warning.state, 'warning');
    await run(warning);
    assert.equal((await judge(trustPolicy)).state, 'ok');
  }
});

test('a role of another path, of a mistyped name, and a role that is gone', async () => {
  const wrong = 'arn:aws:iam::111122223333:role/web';
  for (const [roleArn, putName, code] of [
    [wrong, 'web', 'ROLE_OTHER_PATH'],
    ['arn:aws:iam::111122223333:role/team/wep', 'web', 'ROLE_NEAR_MISS'],
    [CHAIN_ROLE, 'payments', 'ROLE_MISSING'],
  ] as const) {
    site.iam.roles.clear();
    putRole([chainStatement()], '/team/', putName);
    annotate({ [KEY]: roleArn });
    const grant = { roleArn, audience: 'sts.amazonaws.com' };
    const broken = await judge(role, { chain: { grant } });
    assert.equal(broken.code, code);
    await run(broken);
    assert.equal((await judge(role)).state, 'ok');
    assert.equal((await judge(trustPolicy)).state, 'ok');
    const found = JSON.stringify(site.cluster.objects.get(serviceAccountPath('shop', 'web')));
    assert.ok(found.includes(`"${KEY}":"${CHAIN_ROLE}"`), found);
  }
});

test('a provider that is missing, mistyped, or lacks the audience', async () => {
  const thumbprint = ['--thumbprint', 'cd'.repeat(20)];
  const [made] = site.iam.providers.values();
  assert.ok(made);
  const cases = [
    ['PROVIDER_MISSING', () => site.iam.providers.clear()],
    ['PROVIDER_NEAR_MISS', () => site.iam.providers.set(`${CHAIN_PROVIDER}/`, made)],
    [
      'PROVIDER_LACKS_AUDIENCE',
      () => site.iam.providers.set(CHAIN_PROVIDER, { ...made, clientIds: new Set() }),
    ],
  ] as const;
  for (const [code, breakIt] of cases) {
    site.iam.providers.clear();
    breakIt();
    const broken = await judge(provider);
    assert.equal(broken.code, code);
    await run(broken, ...thumbprint);
    assert.equal((await judge(provider)).state, 'ok');
  }
});

test('a session that is longer than the role allows', async () => {
  const pod = read(chainPod([{ name: 'PODROLE_SESSION_DURATION', value: '10800' }]));
  const broken = await judge(duration, { cluster: { pod } });
  assert.equal(broken.code, 'DURATION_OVER_MAXIMUM');
  await run(broken);
  assert.equal((await judge(duration, { cluster: { pod } })).state, 'ok');
  assert.deepEqual(
    [...(site.iam.roles.get('web')?.attached ?? [])],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  );
});

test('a container with a role of its own', async () => {
  putRole([chainStatement()]);
  annotate({ 'podrole.dev/container-roles': `fluentd=${CHAIN_ROLE}` });
  const chain = {
    container: 'fluentd',
    grant: { roleArn: CHAIN_ROLE, audience: 'sts.amazonaws.com/fluentd' },
  };
  const broken = await judge(trustPolicy, { chain });
  assert.equal(broken.code, 'TRUST_POLICY_WRONG_AUDIENCE');
  await run(broken);
  assert.equal((await judge(trustPolicy, { chain })).state, 'ok');
});
