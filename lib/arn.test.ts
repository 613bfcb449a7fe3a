import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRoleArn, parseRoleArn, partitionOfRegion } from './arn.ts';

test('role ARNs', async (t) => {
  const cases: [text: string, expected: ReturnType<typeof parseRoleArn>][] = [
    [
      'arn:aws:iam::111122223333:role/web',
      { partition: 'aws', account: '111122223333', path: '/', name: 'web' },
    ],
    [
      'arn:aws-us-gov:iam::111122223333:role/team/a/web',
      { partition: 'aws-us-gov', account: '111122223333', path: '/team/a/', name: 'web' },
    ],
    ['arn:aws:iam::111122223333:role/web ', undefined],
    ['arn:aws:iam::11112222333:role/web', undefined],
    ['arn:aws:iam::111122223333:user/web', undefined],
    ['arn:aws:iam::111122223333:role/', undefined],
    ['arn:aws:iam:eu-west-1:111122223333:role/web', undefined],
    ['arn:gcp:iam::111122223333:role/web', undefined],
    ['arn:aws:iam::111122223333:role/x;b=arn:aws:iam::111122223333:role/y', undefined],
    ['arn:aws:iam::111122223333:role/arn:aws:iam::111122223333:role/y', undefined],
    [
      'arn:aws:iam::111122223333:role/learn:it/web',
      { partition: 'aws', account: '111122223333', path: '/learn:it/', name: 'web' },
    ],
    [`arn:aws:iam::111122223333:role/${'x'.repeat(65)}`, undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    await t.test(JSON.stringify(text), () => assert.deepEqual(parseRoleArn(text), expected));
  }
});

test('a role name, with or without path, becomes an ARN that parses', () => {
  assert.equal(composeRoleArn('web', '111122223333', 'aws'), 'arn:aws:iam::111122223333:role/web');
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
