import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awsAccountOf,
  composeRoleArn,
  oddityOf,
  parseRoleArn,
  partitionOfRegion,
  type RoleArn,
} from './arn.ts';

const parts = (partition: string, account: string, path: string, name: string, region = '') => ({
  partition,
  region,
  account,
  path,
  name,
});
const MINIO_HASH = 'nOybJqMNzNmroqEKq5D0EUsRZw0';

const USUAL: Readonly<Record<string, Omit<RoleArn, 'arn'>>> = {
  'arn:aws:iam::111122223333:role/web': parts('aws', '111122223333', '/', 'web'),
  'arn:aws-us-gov:iam::111122223333:role/team/a/web': parts('aws-us-gov', '111122223333', '/team/a/', 'web'),
  'arn:aws:iam::111122223333:role/learn:it/web': parts('aws', '111122223333', '/learn:it/', 'web'),
  [`arn:minio:iam:::role/${MINIO_HASH}`]: parts('minio', '', '/', MINIO_HASH),
  'arn:minio:iam:::role/_-hash': parts('minio', '', '/', '_-hash'),
  [`arn:minio:iam:us-east-1::role/${MINIO_HASH}`]: parts('minio', '', '/', MINIO_HASH, 'us-east-1'),
  'arn:aws:iam:::role/plain-web': parts('aws', '', '/', 'plain-web'),
  'arn:aws:iam:::role/team/a/plain-web': parts('aws', '', '/team/a/', 'plain-web'),
  'arn:aws:iam::tenant1:role/app': parts('aws', 'tenant1', '/', 'app'),
  'arn:aws:iam::1st_tenant:role/app': parts('aws', '1st_tenant', '/', 'app'),
  'arn:aws:iam::RGW11111111111111111:role/app': parts('aws', 'RGW11111111111111111', '/', 'app'),
};

const UNUSUAL: Readonly<Record<string, readonly [parsed: Omit<RoleArn, 'arn'>, oddity: string]>> = {
  'arn:aws:iam::11112222333:role/web': [
    parts('aws', '11112222333', '/', 'web'),
    'has an account of 11 digits, not of twelve',
  ],
  'arn:aws:iam::1111222233334:role/web': [
    parts('aws', '1111222233334', '/', 'web'),
    'has an account of 13 digits, not of twelve',
  ],
  'arn:aws:iam::role/web': [parts('aws', '', '/', 'web'), 'has no field for the account'],
  'arn:aws:iam::ACCOUNT_ID:role/web': [
    parts('aws', 'ACCOUNT_ID', '/', 'web'),
    'has the placeholder ACCOUNT_ID for the account',
  ],
  'arn:aws:iam::MyAccount:role/web': [
    parts('aws', 'MyAccount', '/', 'web'),
    'has the placeholder MyAccount for the account',
  ],
  'arn:asw:iam::111122223333:role/web': [
    parts('asw', '111122223333', '/', 'web'),
    'is of partition asw, which neither AWS nor MinIO has',
  ],
  'arn:rustfs:iam:eu-1::role/web': [
    parts('rustfs', '', '/', 'web', 'eu-1'),
    'is of partition rustfs, which neither AWS nor MinIO has',
  ],
};

const WRONG: Readonly<Record<string, string>> = {
  'white space at the end': 'arn:aws:iam::111122223333:role/web ',
  'white space at the start': ' arn:minio:iam:::role/web',
  'a line break': 'arn:aws:iam:::role/web\n',
  'white space within': 'arn:aws:iam::tenant 1:role/web',
  'a control character': 'arn:aws:iam::tenant1:role/a\u0007/web',
  'a letter outside ASCII': 'arn:aws:iam::tenänt:role/web',
  'a bare name': 'web',
  'a path': 'role/web',
  'a user': 'arn:aws:iam::111122223333:user/web',
  'a policy': 'arn:aws:iam::tenant1:policy/web',
  'a policy of AWS': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  'a policy of MinIO': 'arn:minio:iam:::policy/readwrite',
  'an assumed role': 'arn:aws:sts::111122223333:assumed-role/web/session',
  'another service': 'arn:aws:s3:::bucket',
  'another service with a role': 'arn:aws:sts::111122223333:role/web',
  'no role': 'arn:aws:iam::111122223333:role/',
  'no role in Ceph': 'arn:aws:iam:::role/',
  'no slash': 'arn:aws:iam:::role',
  'a region in AWS': 'arn:aws:iam:eu-west-1:111122223333:role/web',
  'a region and no account in AWS': 'arn:aws-cn:iam:cn-north-1::role/web',
  'an account after the role': 'arn:aws:iam:::111122223333:role/web',
  'a placeholder in brackets': 'arn:aws:iam::<ACCOUNT>:role/web',
  'a variable': 'arn:aws:iam::$ACCOUNT:role/web',
  'a wildcard': 'arn:aws:iam::*:role/web',
  'no partition': 'arn::iam::111122223333:role/web',
  'a partition in capitals': 'ARN:AWS:IAM::111122223333:ROLE/WEB',
  'another resource name': 'urn:ecs:iam::ns1:role/web',
  'joined by ;': 'arn:aws:iam::111122223333:role/x;b=arn:aws:iam::111122223333:role/y',
  'joined by /': 'arn:aws:iam::111122223333:role/arn:aws:iam::111122223333:role/y',
  'joined by ,': 'arn:minio:iam:::role/x,arn:minio:iam:::role/y',
  'joined by nothing': 'arn:aws:iam:::role/xarn:aws:iam:::role/y',
  'joined in a path': 'arn:aws:iam::999999999999:role/x:111122223333:role/web',
  'a variable of kubelet in the path': 'arn:aws:iam::111122223333:role/team/$(NAME)/web',
  'a variable of kubelet, escaped': 'arn:aws:iam::111122223333:role/team/$$(NAME)/web',
  'two dollar characters': 'arn:aws:iam::111122223333:role/$$/web',
  'a long name': `arn:aws:iam::111122223333:role/${'x'.repeat(65)}`,
  'a long path': `arn:aws:iam:::role/${'x'.repeat(511)}/web`,
  'a long account': `arn:aws:iam::${'t'.repeat(65)}:role/web`,
  'a long partition': `arn:${'p'.repeat(64)}:iam:::role/web`,
  nothing: '',
};

for (const [arn, expected] of Object.entries(USUAL)) {
  test(`usual: ${arn}`, () => {
    const role = parseRoleArn(arn);
    assert.deepEqual(role, { arn, ...expected });
    assert.equal(role && oddityOf(role), undefined);
  });
}
for (const [arn, [expected, oddity]] of Object.entries(UNUSUAL)) {
  test(`unusual: ${arn}`, () => {
    const role = parseRoleArn(arn);
    assert.deepEqual(role, { arn, ...expected });
    assert.equal(role && oddityOf(role), oddity);
  });
}
for (const [name, text] of Object.entries(WRONG)) {
  test(`wrong: ${name}`, () => assert.equal(parseRoleArn(text), undefined));
}

test('only an account of AWS is one for SDKs', () => {
  const accounts = [...Object.keys(USUAL), ...Object.keys(UNUSUAL)].flatMap((arn) => {
    const role = parseRoleArn(arn);
    return role ? (awsAccountOf(role) ?? []) : [];
  });
  assert.deepEqual([...new Set(accounts)], ['111122223333']);
});

test('a role name, with or without path, becomes an ARN that parses', () => {
  assert.equal(composeRoleArn('web', '111122223333', 'aws'), 'arn:aws:iam::111122223333:role/web');
  assert.equal(composeRoleArn('web', '', 'minio'), 'arn:minio:iam:::role/web');
  assert.equal(composeRoleArn('/a/web', 'tenant1', 'aws'), 'arn:aws:iam::tenant1:role/a/web');
  assert.equal(
    composeRoleArn('/team/web', '111122223333', 'aws-cn'),
    'arn:aws-cn:iam::111122223333:role/team/web',
  );
});

test('a region names its partition', () => {
  const cases: Record<string, string> = {
    'eu-west-1': 'aws',
    'cn-north-1': 'aws-cn',
    'us-gov-west-1': 'aws-us-gov',
    'us-iso-east-1': 'aws-iso',
    'us-isob-east-1': 'aws-iso-b',
    'eusc-de-east-1': 'aws-eusc',
  };
  for (const [region, partition] of Object.entries(cases))
    assert.equal(partitionOfRegion(region), partition, region);
});
