import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientOptions } from '../../aws/aws-server.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { assumeRole } from '../../setup/aws/assume-role.ts';
import { readRoleInIam } from '../../setup/aws/iam-roles.ts';
import { startMotoSite } from '../../setup/aws/moto-site.ts';
import { runPodrole } from '../../setup/run-podrole.ts';

/** The shipped `podrole bind --target-role-arn` with a third-party IAM and STS, and a real API server. */
const site = await startMotoSite();
after(() => site.stop());
const { cluster, moto, iam, environment } = site;
const TARGET = `arn:aws:iam::${moto.account}:role/reports`;
const OF_EC2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
const NAME = ['-n', 'shop', 'web', '--cluster-name', 'one', '--role-name', 'shop-web'];
const BIND = ['bind', ...NAME, '--target-role-arn', TARGET, '--region', 'eu-central-1'];
const EXTERNAL_ID = `eu-central-1/${moto.account}/one/shop/web`;

async function run(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPodrole([...args], environment);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('both policies are written to a real IAM, and a second run finds no changes', async () => {
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'reports',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [OF_EC2] }),
    }),
  );
  await run([...BIND, '--approve']);
  const statements = (await readRoleInIam(iam, 'reports'))?.trust.Statement ?? [];
  const [first, second, ...more] = statements.map(({ Sid: _, ...statement }) => statement);
  assert.deepEqual([first, ...more], [OF_EC2]);
  assert.deepEqual(second, {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${moto.account}:role/shop-web` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        'sts:ExternalId': EXTERNAL_ID,
        'aws:RequestTag/kubernetes-namespace': 'shop',
        'aws:RequestTag/kubernetes-service-account': 'web',
        'aws:RequestTag/eks-cluster-name': 'one',
      },
    },
  });
  assert.match(await run(BIND), /^no changes$/m);
  assert.match(await run(['list', '-n', 'shop']), new RegExp(`target role ${TARGET}: trusts`));
});

test('the token of a pod becomes a session, and that becomes a session of the target role', async () => {
  const token = await createToken(cluster, 'shop', 'web', {
    audience: 'sts.amazonaws.com',
    expirationSeconds: 3_600,
  });
  const credentials = await assumeRole(moto, `arn:aws:iam::${moto.account}:role/shop-web`, token);
  const own = new STSClient({ ...clientOptions(moto), credentials });
  const { Credentials: answer } = await own.send(
    new AssumeRoleCommand({
      RoleArn: TARGET,
      RoleSessionName: 'web',
      ExternalId: EXTERNAL_ID,
      Tags: [
        { Key: 'kubernetes-namespace', Value: 'shop' },
        { Key: 'kubernetes-service-account', Value: 'web' },
        { Key: 'eks-cluster-name', Value: 'one' },
      ],
    }),
  );
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = answer ?? {};
  const sessionToken = answer?.SessionToken ?? '';
  const ofTarget = { accessKeyId, secretAccessKey, sessionToken };
  const target = new STSClient({ ...clientOptions(moto), credentials: ofTarget });
  const { Arn: arn } = await target.send(new GetCallerIdentityCommand({}));
  assert.equal(arn, `arn:aws:sts::${moto.account}:assumed-role/reports/web`);
});

test('what somebody edits is found by list, and repaired by bind', async () => {
  const trust = JSON.stringify((await readRoleInIam(iam, 'reports'))?.trust);
  const PolicyDocument = trust.replace('one/shop/web', 'one/shop/job');
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'reports', PolicyDocument }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'shop-web', PolicyName: 'podrole-target-role' }));
  assert.match(await run(['list', '-n', 'shop']), new RegExp(`target role ${TARGET}: external id wrong`));
  await run([...BIND, '--approve']);
  assert.equal(JSON.stringify((await readRoleInIam(iam, 'reports'))?.trust), trust);
  assert.match(await run(BIND), /^no changes$/m);
});

test('unbind leaves the target role as it was', async () => {
  await run(['unbind', '-n', 'shop', 'web', '--approve']);
  assert.deepEqual((await readRoleInIam(iam, 'reports'))?.trust.Statement, [OF_EC2]);
  assert.equal(await readRoleInIam(iam, 'shop-web'), undefined);
  await iam.send(new DeleteRoleCommand({ RoleName: 'reports' }));
});
