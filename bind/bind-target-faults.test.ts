import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { addTargetRole, OF_EC2 } from '../testing/bind/target-role.ts';

const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const NAME = ['--cluster-name', 'one', '--role-name', 'shop-web'];
const TARGET = 'arn:aws:iam::111122223333:role/reports';

const WEB = ['bind', '-n', 'shop', 'web', ...NAME, '--target-role-arn', TARGET, ...THUMBPRINT];

const site = useBindSite();

const FAULTS: readonly (readonly [args: readonly string[], stderr: RegExp])[] = [
  [
    ['--target-role-arn', TARGET],
    /--cluster-name: is not set, and the external id of a target role contains it/,
  ],
  [[...NAME, '--target-role-arn', 'reports'], /has "reports" for a target role; give an ARN/],
  [[...NAME, '--target-role-arn', 'arn:aws:iam::444455556666:role/*/reports'], /a wildcard in a policy/],
  [[...NAME, '--target-role-arn', 'arn:minio:iam:::role/reports'], /MinIO has no trust policies/],
  [[...NAME, '--target-role-arn', 'arn:aws-cn:iam::444455556666:role/reports'], /is not of partition aws/],
  [
    [...NAME, '--target-role-arn', 'arn:aws:iam::444455556666:role/aws-service-role/x.amazonaws.com/R'],
    /belongs to AWS/,
  ],
  [[...NAME, '--target-role-arn', 'arn:aws:iam::111122223333:role/shop-web'], /which is its own role/],
  [[...NAME, '--target-role-arn', TARGET], /role arn:.*reports: does not exist; create it/],
  [
    [...NAME, '--target-role-arn', 'arn:aws:iam::111122223333:role/path/there'],
    /does not exist: the role of that name is arn:aws:iam::111122223333:role\/there/,
  ],
  [[...NAME, '--target-role-arn', TARGET, '--container', 'app'], /is for the role of the whole pod/],
  [
    ['--cluster-name', 'one,two', '--target-role-arn', TARGET],
    /which external ids and session tags cannot contain/,
  ],
  [[...NAME, '--session-tags=false'], /has session tags, which only a target role gets/],
  [[...NAME, '--target-profile', 'x'], /--target-profile: is for target roles, and none is named/],
];
for (const [args, expected] of FAULTS) {
  test(`target role fault: ${args.join(' ')}`, async () => {
    addTargetRole(site.iam, 'there', OF_EC2);
    const { exitCode, stderr } = await site.podrole(
      'bind',
      '-n',
      'shop',
      'web',
      ...args,
      ...THUMBPRINT,
      '--approve',
    );
    assert.ok(exitCode === 2 || exitCode === 3, `${exitCode}`);
    assert.match(stderr, expected);
    assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
  });
}

test('a trust policy that would be too long is refused before anything is written', async () => {
  const long = (at: number) => ({
    ...OF_EC2,
    Sid: `Other${at}`,
    Principal: { AWS: `arn:aws:iam::444455556666:role/${'x'.repeat(60)}` },
  });
  addTargetRole(site.iam, 'reports', ...Array.from({ length: 12 }, (_, at) => long(at)));
  const { exitCode, stderr } = await site.podrole(...WEB, '--approve');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /trust policy of role reports: would have \d+ characters, but IAM accepts at most 2048/,
  );
  assert.deepEqual(site.iam.writes(), []);
});

test('a whole account that is trusted deserves a look', async () => {
  addTargetRole(site.iam, 'reports', OF_EC2, {
    ...OF_EC2,
    Principal: { AWS: '111122223333' },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  });
  assert.match(
    (await site.podrole(...WEB)).stdout,
    /note: role .*reports: Statement\[1\] lets in every role of the account/,
  );
});
