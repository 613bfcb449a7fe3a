import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { iamRefusal } from '../../../testing/aws/iam-server.ts';
import { ROLE, startLocalSts } from '../../../testing/aws/local-sts.ts';
import { type MemoryIam, startMemoryIam } from '../../../testing/aws/memory-iam.ts';
import { podOf, withRole } from '../../../testing/doctor/doctor-cluster.ts';
import { TEST_ISSUER, useIssuer } from '../../../testing/oidc/issuer.ts';
import { awsFactsSchema } from '../../facts/aws-facts.ts';
import { narrowPod } from '../cluster/narrow/narrow-pod.ts';
import { createOnce } from '../once.ts';
import { type AwsQuestion, collectAws } from './collect-aws.ts';

const issuer = await useIssuer();
const sts = await startLocalSts(issuer);
after(() => sts.close());
let iam: MemoryIam;

const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/issuer.test/cluster';
const BOUNDARY = 'arn:aws:iam::111122223333:policy/edge';
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const TRUST = { Version: '2012-10-17', Statement: [] };

before(async () => {
  iam = await startMemoryIam();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_IAM: iam.url,
    AWS_ENDPOINT_URL_STS: iam.url,
  });
});
after(() => iam.stop());

beforeEach(() => {
  iam.refuse = () => undefined;
  iam.roles.clear();
  iam.providers.clear();
  iam.policyDocuments.clear();
  iam.missingPolicies.clear();
  iam.providers.set(PROVIDER, {
    url: 'issuer.test/cluster',
    clientIds: new Set(['sts.amazonaws.com']),
    thumbprints: ['AB'.repeat(20)],
    tags: new Map(),
  });
  iam.roles.set('web', {
    path: '/team/',
    trustPolicy: JSON.stringify(TRUST, undefined, 2),
    description: '',
    maxSessionDuration: '7200',
    boundary: BOUNDARY,
    tags: new Map([['team', 'shop']]),
    attached: new Set([READ_ONLY]),
    inline: new Map([['own', '{"Statement":[]}']]),
  });
});

function ask(changes: Partial<AwsQuestion> = {}) {
  return collectAws({
    grant: { roleArn: ROLE, audience: 'sts.amazonaws.com' },
    issuer: TEST_ISSUER,
    token: undefined,
    pod: undefined,
    container: undefined,
    settings: { stsEndpointUrl: sts.url },
    env: process.env,
    signal: new AbortController().signal,
    once: createOnce(),
    ...changes,
  });
}

test('provider, role with every policy, and a session', async () => {
  const { exchange, ...facts } = await ask({ token: await issuer.sign() });
  const all = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  assert.deepEqual(facts, {
    account: { state: 'read', value: { accountId: '111122223333', partition: 'aws' } },
    provider: {
      state: 'read',
      value: {
        arn: PROVIDER,
        issuer: TEST_ISSUER,
        clientIds: ['sts.amazonaws.com'],
        thumbprints: ['ab'.repeat(20)],
      },
    },
    providerArns: { state: 'not asked', why: 'the provider is known' },
    role: {
      state: 'read',
      value: {
        arn: ROLE,
        name: 'web',
        trustPolicy: TRUST,
        trustPolicyLength: JSON.stringify(TRUST).length,
        maxSessionDurationSeconds: 7_200,
        tags: { team: 'shop' },
        policies: {
          state: 'read',
          value: [
            { name: 'own', kind: 'inline', document: { state: 'read', value: { Statement: [] } } },
            { name: READ_ONLY, kind: 'managed', document: { state: 'read', value: all } },
            { name: BOUNDARY, kind: 'boundary', document: { state: 'read', value: all } },
          ],
        },
      },
    },
    roleArns: { state: 'not asked', why: 'the role is known' },
  });
  assert.ok(exchange.state === 'read' && exchange.value.outcome.kind === 'session', JSON.stringify(exchange));
  const { outcome, ...call } = exchange.value;
  assert.equal(outcome.assumedRoleArn, 'arn:aws:sts::111122223333:assumed-role/web/podrole-doctor');
  assert.equal(call.endpoint, sts.url);
  assert.ok(Math.abs(call.clockSkewSeconds ?? 99) <= 2);
  awsFactsSchema.parse({ ...facts, exchange });
});

test('no credential and no token is in the facts', async () => {
  const token = await issuer.sign();
  const facts = JSON.stringify(await ask({ token }));
  assert.doesNotMatch(facts, /ASIA|secretAccessKey|sessionToken/i);
  assert.ok(!facts.includes(token) && !facts.includes(token.split('.')[2] ?? '?'));
});

test('what does not exist is absent, and its neighbours are listed', async () => {
  iam.roles.clear();
  const [old] = iam.providers.values();
  assert.ok(old);
  iam.providers.clear();
  iam.providers.set(`${PROVIDER}/`, old);
  const { provider, providerArns, role, roleArns } = await ask();
  assert.deepEqual(
    { provider, providerArns, role, roleArns },
    {
      provider: { state: 'absent' },
      providerArns: { state: 'read', value: [`${PROVIDER}/`] },
      role: { state: 'absent' },
      roleArns: { state: 'read', value: [] },
    },
  );
});

test('a part that may not be read hides no other part', async () => {
  const denied = ['ListAttachedRolePolicies', 'GetOpenIDConnectProvider', 'GetCallerIdentity'];
  iam.refuse = ({ action }) => (denied.includes(action) ? iamRefusal(403, 'AccessDenied', 'no') : undefined);
  const { account, provider, role } = await ask();
  assert.deepEqual(account, { state: 'read', value: { accountId: '111122223333', partition: 'aws' } });
  assert.equal(provider.state, 'denied');
  assert.ok(provider.state === 'denied' && provider.needs.startsWith('iam:GetOpenIDConnectProvider on arn:'));
  assert.ok(role.state === 'read');
  assert.equal(role.value.policies.state, 'denied');
  assert.equal(role.value.maxSessionDurationSeconds, 7_200);
});

test('a boundary that is gone, and a policy that may not be read', async () => {
  iam.missingPolicies.add(BOUNDARY);
  iam.refuse = ({ action, parameters }) =>
    action === 'GetPolicyVersion' && parameters['PolicyArn'] === READ_ONLY
      ? iamRefusal(403, 'AccessDenied', 'no')
      : undefined;
  const { role } = await ask();
  assert.ok(role.state === 'read' && role.value.policies.state === 'read');
  const states = role.value.policies.value.map(({ name, document }) => [name, document.state]);
  assert.deepEqual(states, [
    ['own', 'read'],
    [READ_ONLY, 'denied'],
    [BOUNDARY, 'absent'],
  ]);
});

test('a role of another account or partition is not asked for, but one of that name here', async () => {
  for (const roleArn of ['arn:aws:iam::999999999999:role/web', 'arn:aws-cn:iam::111122223333:role/web']) {
    const { role, roleArns, provider, account } = await ask({
      grant: { roleArn, audience: 'sts.amazonaws.com' },
    });
    assert.equal(account.state, 'read');
    assert.equal(role.state, 'not asked');
    assert.equal(provider.state, 'not asked');
    assert.deepEqual(roleArns, { state: 'read', value: ['arn:aws:iam::111122223333:role/team/web'] });
  }
  assert.ok(!iam.calls.some(({ parameters }) => parameters['RoleName'] === 'none'));
});

test('a role of MinIO: no IAM, but the live call', async () => {
  const seen = iam.calls.length;
  const grant = { roleArn: 'arn:minio:iam:::role/abc', audience: 'sts.amazonaws.com' };
  const { role, exchange } = await ask({ grant, token: await issuer.sign() });
  assert.equal(role.state, 'not asked');
  assert.equal(exchange.state, 'read');
  assert.deepEqual(iam.calls.slice(seen), []);
});

test('without a role nothing is asked', async () => {
  const seen = iam.calls.length;
  for (const grant of [undefined, { roleArn: 'web', audience: 'sts.amazonaws.com' }]) {
    const facts = await ask({ grant, token: await issuer.sign() });
    assert.ok(Object.values(facts).every((reading) => reading?.state === 'not asked'));
  }
  assert.deepEqual(iam.calls.slice(seen), []);
});

test('a pod that podrole agent serves is judged by the STS of the agent', async () => {
  const pod = { ...narrowPod(withRole(podOf('web-0'))), createdAt: '' };
  const env = [{ name: 'AWS_ENDPOINT_URL_STS', value: 'http://127.0.0.1:1' }];
  const lost = {
    ...pod,
    containers: pod.containers.map((each) => ({ ...each, env: [...each.env, ...env] })),
  };
  const call = {
    pod: lost,
    token: await issuer.sign(),
    settings: {},
    env: { ...process.env, AWS_ENDPOINT_URL_STS: sts.url },
  };
  const outcome = async (agentEnv: AwsQuestion['agentEnv']) => (await ask({ ...call, agentEnv })).exchange;
  const byAgent = await outcome({});
  assert.ok(byAgent.state === 'read' && byAgent.value.outcome.kind === 'session', JSON.stringify(byAgent));
  assert.deepEqual(await outcome(undefined), {
    state: 'not asked',
    why: 'http://127.0.0.1:1 can be asked only from within the pod',
  });
  assert.deepEqual(await outcome({ AWS_ENDPOINT_URL: 'http://127.0.0.1:2' }), {
    state: 'not asked',
    why: 'http://127.0.0.1:2 can be asked only from its node',
  });
});

test('several chains with the same role ask once', async () => {
  const once = createOnce();
  const seen = iam.calls.length;
  await ask({ once });
  const first = iam.calls.length - seen;
  await ask({ once });
  assert.equal(iam.calls.length - seen, first);
});

test('without AWS credentials, the live call is made all the same', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const files = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' };
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  Object.assign(process.env, files);
  try {
    const { account, provider, role, exchange } = await ask({ token: await issuer.sign() });
    assert.equal(account.state, 'failed');
    for (const reading of [provider, role])
      assert.match(
        (reading.state === 'failed' && reading.remedy) || '',
        /^set AWS_ACCESS_KEY_ID .* or AWS_PROFILE/,
      );
    assert.ok(exchange.state === 'read' && exchange.value.outcome.kind === 'session');
  } finally {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    for (const name of Object.keys(files)) delete process.env[name];
  }
});
