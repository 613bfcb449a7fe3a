import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { IAMClient } from '@aws-sdk/client-iam';
import { PodroleError } from '../../lib/errors.ts';
import { iamRefusal, iamResult } from '../../testing/aws/iam-server.ts';
import { startMemoryIam } from '../../testing/aws/memory-iam.ts';
import { type AccountSettings, findAccount } from './find-account.ts';
import { openIam } from './open-iam.ts';

const server = await startMemoryIam();
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_REGION: 'eu-central-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL_IAM: server.url,
  AWS_ENDPOINT_URL_STS: server.url,
});
const iam = await openIam(undefined, {});
const ARN = 'arn:aws:iam::444455556666:oidc-provider/oidc.example.test';
const PROVIDER = { url: 'oidc.example.test', clientIds: new Set<string>(), thumbprints: [], tags: new Map() };

beforeEach(() => {
  server.refuse = () => undefined;
  server.providers.clear();
});
after(async () => {
  iam.destroy();
  await server.stop();
});

function find(settings: Partial<AccountSettings> = {}, env: Readonly<Record<string, string>> = {}) {
  return findAccount({ accountId: undefined, partition: undefined, ...settings }, env, iam);
}

async function callsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = server.calls.length;
  await act();
  return server.calls.slice(before).map(({ action }) => action);
}

test('STS names the account, and IAM is not asked', async () => {
  const calls = await callsOf(async () => {
    assert.deepEqual(await find(), { accountId: '111122223333', partition: 'aws' });
  });
  assert.deepEqual(calls, ['GetCallerIdentity']);
});

test('a session of a role in another partition', async () => {
  const arn = 'arn:aws-cn:sts::777788889999:assumed-role/ci/run-1';
  server.refuse = ({ action }) => iamResult(action, `<Arn>${arn}</Arn>`);
  assert.deepEqual(await find(), { accountId: '777788889999', partition: 'aws-cn' });
  assert.deepEqual(await find({ partition: 'aws' }), { accountId: '777788889999', partition: 'aws' });
});

test('--account-id is taken without a call, and its partition from the region', async () => {
  const calls = await callsOf(async () => {
    const env = { AWS_REGION: 'us-gov-west-1' };
    const found = await find({ accountId: '444455556666' }, env);
    assert.deepEqual(found, { accountId: '444455556666', partition: 'aws-us-gov' });
  });
  assert.deepEqual(calls, []);
});

/** Answers of servers without the call, of AWS to credentials of another server, and of a proxy. */
const STS_REFUSALS = [
  [400, 'InvalidAction'],
  [403, 'Unknown'],
  [403, 'InvalidClientTokenId'],
  [405, 'MethodNotAllowed'],
  [501, 'NotImplemented'],
] as const;
for (const [status, code] of STS_REFUSALS) {
  test(`STS answers ${status} ${code}: the account is that of an ARN that IAM lists`, async () => {
    server.refuse = ({ action }) =>
      action === 'GetCallerIdentity' ? iamRefusal(status, code, 'not here') : undefined;
    server.providers.set(ARN, PROVIDER);
    assert.deepEqual(await find(), { accountId: '444455556666', partition: 'aws' });
    server.providers.clear();
    server.roles.set('web', roleOf());
    assert.deepEqual(await find(), { accountId: '111122223333', partition: 'aws' });
    server.roles.clear();
    await assert.rejects(find(), (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.equal(thrown.code, 'UNKNOWN_ACCOUNT');
      const said = new RegExp(
        `is not set, sts:GetCallerIdentity failed: ${code}: .*, and IAM lists no .*; give the twelve digits`,
      );
      assert.match(thrown.message, said);
      return true;
    });
  });
}

test('an IAM of its own is asked alone: the STS of AWS may know another account', async () => {
  server.providers.set(ARN, PROVIDER);
  const calls = await callsOf(async () => {
    const found = await find({}, { AWS_ENDPOINT_URL_IAM: server.url });
    assert.equal(found.accountId, '444455556666');
  });
  assert.deepEqual(calls, ['ListOpenIDConnectProviders']);
  const both = { AWS_ENDPOINT_URL_IAM: server.url, AWS_ENDPOINT_URL_STS: server.url };
  assert.equal((await find({}, both)).accountId, '111122223333');
  const all = { AWS_ENDPOINT_URL_IAM: server.url, AWS_ENDPOINT_URL: server.url };
  assert.equal((await find({}, all)).accountId, '111122223333');
});

test('if STS and IAM both refuse, both faults are reported', async () => {
  server.refuse = () => iamRefusal(403, 'AccessDenied', 'not for you');
  await assert.rejects(find(), (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    const codes = thrown.faults.map(({ code }) => code);
    assert.deepEqual(codes, ['IAM_ACCESS_DENIED', 'UNKNOWN_ACCOUNT']);
    assert.match(thrown.message, /--account-id: is not set, and sts:GetCallerIdentity failed: AccessDenied/);
    return true;
  });
});

test('without credentials there is one fault, since both calls fail for the same reason', async () => {
  const credentials = () => {
    throw Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
  };
  const without = new IAMClient({ region: 'eu-central-1', credentials });
  const settings = { accountId: undefined, partition: undefined };
  await assert.rejects(findAccount(settings, {}, without), (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    assert.deepEqual(
      thrown.faults.map(({ code }) => code),
      ['NO_AWS_CREDENTIALS'],
    );
    return true;
  });
  process.env['AWS_PROFILE'] = 'nope';
  await assert.rejects(
    findAccount(settings, {}, without),
    /; AWS_PROFILE is nope, which is not a profile in /,
  );
  delete process.env['AWS_PROFILE'];
  without.destroy();
});
function roleOf() {
  return {
    path: '/',
    trustPolicy: '{}',
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map<string, string>(),
    attached: new Set<string>(),
    inline: new Map<string, string>(),
  };
}
