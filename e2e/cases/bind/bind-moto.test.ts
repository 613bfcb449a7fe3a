import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DetachRolePolicyCommand,
  GetOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from '../../aws/aws-server.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { assumeRole } from '../../setup/aws/assume-role.ts';
import { readRoleInIam } from '../../setup/aws/iam-roles.ts';
import { startMotoSite } from '../../setup/aws/moto-site.ts';
import { createServiceAccount, ROLE_ARN } from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';

/** The shipped `podrole bind` and `unbind` with a third-party IAM and a real API server. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const ACCOUNT_PATH = '/api/v1/namespaces/shop/serviceaccounts/web';

const site = await startMotoSite();
after(() => site.stop());
const { cluster, moto, iam, environment } = site;
const ROLE = `arn:aws:iam::${moto.account}:role/shop-web`;
const PROVIDER = `arn:aws:iam::${moto.account}:oidc-provider/oidc.example.test`;
const BIND = [
  ...['bind', '-n', 'shop', 'web', '--attach-policy-arn', READ_ONLY, '--tags', 'team=shop'],
  ...['--session-duration', '7200', '--account-id', moto.account],
];

test('without --approve there is only a plan, and nothing is written', async () => {
  const { code, stdout, stderr } = await runPodrole(BIND, environment);
  assert.equal(code, 0, stderr);
  for (const said of [PROVIDER, ROLE, READ_ONLY, 'ServiceAccount shop/web', '--approve'])
    assert.ok((stdout + stderr).includes(said), `${said} in\n${stdout}${stderr}`);
  assert.equal(await readRoleInIam(iam, 'shop-web'), undefined);
  assert.equal((await cluster.request('GET', ACCOUNT_PATH)).status, 404);
});

test('--approve creates provider, role and ServiceAccount; a second run reports no changes', async () => {
  await approve(BIND);
  const role = await readRoleInIam(iam, 'shop-web');
  assert.equal(role?.arn, ROLE);
  assert.deepEqual(role?.attached, [READ_ONLY]);
  assert.equal(role?.maxSessionDurationSeconds, 7_200);
  assert.equal(role?.tags['team'], 'shop');
  assert.equal(role?.tags['podrole.dev/managed-by'], 'podrole');
  const [{ Sid: _, ...statement } = {}, ...others] = role?.trust.Statement ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(statement, {
    Effect: 'Allow',
    Principal: { Federated: PROVIDER },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        'oidc.example.test:sub': 'system:serviceaccount:shop:web',
        'oidc.example.test:aud': 'sts.amazonaws.com',
      },
    },
  });
  const provider = await iam.send(
    new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }),
  );
  assert.deepEqual(provider.ClientIDList, ['sts.amazonaws.com']);
  assert.match(String(provider.ThumbprintList), /^[0-9a-f]{40}$/);
  assert.equal(await annotation(), ROLE);
  await expectNoChanges();
});

/**
 * A change by another user, its line in the plan, and its result in `podrole list`, which ignores policies.
 */
const drifts: readonly { name: string; seen: RegExp; listed: string; cause: () => Promise<unknown> }[] = [
  {
    name: 'the trust policy was opened by hand',
    seen: /role shop-web:?\s+change the trust policy.+\+[^\n]*serviceaccount:shop:web/s,
    listed: 'drifted',
    cause: async () => {
      const trust = JSON.stringify((await readRoleInIam(iam, 'shop-web'))?.trust);
      return iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'shop-web',
          PolicyDocument: trust.replace('serviceaccount:shop:web', 'serviceaccount:shop:other'),
        }),
      );
    },
  },
  {
    name: 'a policy was detached',
    seen: new RegExp(`attach ${READ_ONLY}`),
    listed: 'bound',
    cause: () => iam.send(new DetachRolePolicyCommand({ RoleName: 'shop-web', PolicyArn: READ_ONLY })),
  },
  {
    name: 'the annotation was removed',
    seen: /ServiceAccount shop\/web:?\s+annotate/,
    listed: 'drifted',
    cause: () => cluster.request('PATCH', ACCOUNT_PATH, { metadata: { annotations: { [ROLE_ARN]: null } } }),
  },
  {
    name: 'the ServiceAccount was deleted',
    seen: /ServiceAccount shop\/web:?\s+create/,
    listed: 'orphaned',
    cause: () => cluster.request('DELETE', ACCOUNT_PATH),
  },
];
for (const { name, seen, listed, cause } of drifts)
  test(`${name}: list and plan report it, and --approve repairs it`, async () => {
    const before = await readRoleInIam(iam, 'shop-web');
    await cause();
    assert.match(await list(), new RegExp(`^shop +web +.*${listed}`, 'm'));
    const { stdout } = await runPodrole(BIND, environment);
    assert.match(stdout, seen);
    await approve(BIND);
    assert.deepEqual(await readRoleInIam(iam, 'shop-web'), before);
    assert.equal(await annotation(), ROLE);
    await expectNoChanges();
    assert.match(await list(), /^shop +web +.*bound/m);
  });

test('the served thumbprint is added before one that is no longer served', async () => {
  const provider = { OpenIDConnectProviderArn: PROVIDER };
  const served = (await iam.send(new GetOpenIDConnectProviderCommand(provider))).ThumbprintList ?? [];
  const stale = '0123456789abcdef0123456789abcdef01234567';
  await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...provider, ThumbprintList: [stale] }));
  await approve(['provider', 'ensure', '--account-id', moto.account]);
  const { ThumbprintList } = await iam.send(new GetOpenIDConnectProviderCommand(provider));
  assert.deepEqual(ThumbprintList, [...served, stale]);
});

test('the example of --help keeps what an earlier bind made, until an explicit removal', async () => {
  const before = await readRoleInIam(iam, 'shop-web');
  const thumbprint = ['--thumbprint', '0123456789abcdef0123456789abcdef01234567'];
  const bare = ['bind', '-n', 'shop', 'web', '--account-id', moto.account];
  await approve([...bare, '--also-issuer', 'https://new.example.test', ...thumbprint]);
  const both = await readRoleInIam(iam, 'shop-web');
  assert.equal(both?.trust.Statement.length, 2);
  assert.deepEqual({ ...both, trust: before?.trust }, before);
  await approve([...bare, '--drop-issuer', 'https://new.example.test']);
  assert.deepEqual(await readRoleInIam(iam, 'shop-web'), before);
  const { stdout } = await runPodrole([...bare, '--attach-policy-arn', ''], environment);
  assert.match(
    stdout,
    new RegExp(`^- REMOVAL: role shop-web: detach ${READ_ONLY}, which podrole attached$`, 'm'),
  );
  await approve([...bare, '--attach-policy-arn', '']);
  assert.match(await list(), /^shop +web +bound .*\n +role without policies/m);
  await approve(BIND);
  assert.deepEqual(await readRoleInIam(iam, 'shop-web'), before);
});

test('a policy that does not exist is refused before the first write', async () => {
  const missing = `arn:aws:iam::${moto.account}:policy/none`;
  const args = ['bind', '-n', 'shop', 'late', '--attach-policy-arn', `${READ_ONLY},${missing}`, '--approve'];
  const { code, stderr } = await runPodrole([...args, '--account-id', moto.account], environment);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`policy ${missing}: does not exist; .*\\[POLICY_NOT_FOUND\\]`));
  assert.equal(await readRoleInIam(iam, 'shop-late'), undefined);
});

test('a policy of another user stays until --prune', async () => {
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'shop-web', PolicyArn: LOGS }));
  await expectNoChanges();
  assert.deepEqual((await readRoleInIam(iam, 'shop-web'))?.attached, [READ_ONLY, LOGS].sort());
  await approve([...BIND, '--prune']);
  assert.deepEqual((await readRoleInIam(iam, 'shop-web'))?.attached, [READ_ONLY]);
});

test('conditions stay until --widen-trust, and list says that they restrict', async () => {
  const before = (await readRoleInIam(iam, 'shop-web'))?.trust;
  await approve([...BIND, '--condition', 'StringEquals aws:SourceVpc=vpc-1,vpc-2']);
  await expectNoChanges();
  assert.match(
    await list(),
    /^shop +web +restricted .*\n +.*StringEquals aws:SourceVpc: expected "vpc-1" or "vpc-2"/m,
  );
  await approve([...BIND, '--widen-trust']);
  assert.deepEqual((await readRoleInIam(iam, 'shop-web'))?.trust, before);
  assert.match(await list(), /^shop +web +bound/m);
});

test('a role under another path is refused with the right ARN', async () => {
  const right = `arn:aws:iam::${moto.account}:role/team/a/shared`;
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await iam.send(new CreateRoleCommand({ Path: '/team/a/', RoleName: 'shared', AssumeRolePolicyDocument }));
  const wrong = `arn:aws:iam::${moto.account}:role/shared`;
  const { code, stderr } = await runPodrole(
    ['bind', '-n', 'shop', 'jobs', '--attach-role-arn', wrong, '--account-id', moto.account, '--approve'],
    environment,
  );
  assert.equal(code, 3);
  assert.ok(stderr.includes(`the role of that name is ${right}`), stderr);
});

test('a session of the role may do what the attached policy allows and nothing else', async () => {
  const admin = new S3Client(clientOptions(moto));
  await admin.send(new CreateBucketCommand({ Bucket: 'shop-files' }));
  const token = await createToken(cluster, 'shop', 'web', {
    audience: 'sts.amazonaws.com',
    expirationSeconds: 3_600,
  });
  const session = new S3Client(clientOptions(moto, await assumeRole(moto, ROLE, token)));
  await moto.enforcingPolicies(async () => {
    await session.send(new ListBucketsCommand());
    await session.send(new ListObjectsV2Command({ Bucket: 'shop-files' }));
    await assert.rejects(session.send(new CreateBucketCommand({ Bucket: 'more-files' })), {
      name: 'AccessDenied',
    });
  });
});

test('unbind removes everything that bind created, and nothing else', async () => {
  await createServiceAccount(cluster, 'shop', 'api', `${ROLE}-of-somebody`);
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await iam.send(new CreateRoleCommand({ RoleName: 'shop-api', AssumeRolePolicyDocument }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
  });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'shop-api', PolicyArn: Policy?.Arn }));
  const neighbour = await readRoleInIam(iam, 'shop-api');

  const unbind = ['unbind', '-n', 'shop', 'web', '--account-id', moto.account];
  const planned = await runPodrole(unbind, environment);
  assert.equal(planned.code, 0, planned.stderr);
  assert.ok(await readRoleInIam(iam, 'shop-web'), planned.stdout);
  await approve(unbind);
  assert.equal(await readRoleInIam(iam, 'shop-web'), undefined);
  assert.equal((await cluster.request('GET', ACCOUNT_PATH)).status, 404);
  assert.deepEqual(await readRoleInIam(iam, 'shop-api'), neighbour);
  assert.equal((await cluster.request('GET', ACCOUNT_PATH.replace('web', 'api'))).status, 200);
  await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
});

async function approve(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runPodrole([...args, '--approve'], environment);
  assert.equal(code, 0, stdout + stderr);
}

async function expectNoChanges(): Promise<void> {
  const { code, stdout, stderr } = await runPodrole([...BIND, '--approve'], environment);
  assert.equal(code, 0, stderr);
  assert.match(stdout + stderr, /no changes/i);
}

async function list(): Promise<string> {
  const { code, stdout, stderr } = await runPodrole(['list', '-n', 'shop'], environment);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Returns the role in the ServiceAccount's annotation. */
async function annotation(): Promise<string | undefined> {
  const { body } = await cluster.request('GET', ACCOUNT_PATH);
  const { metadata } = body as { metadata: { annotations?: Record<string, string> } };
  return metadata.annotations?.[ROLE_ARN];
}
