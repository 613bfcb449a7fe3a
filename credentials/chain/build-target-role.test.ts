import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { assertFaults } from '../../testing/faults.ts';
import { buildTargetRole, type TargetRequest } from './build-target-role.ts';

function role(arn: string): RoleArn {
  const parsed = parseRoleArn(arn);
  assert.ok(parsed, arn);
  return parsed;
}

const TARGET = 'arn:aws:iam::444455556666:role/shared/reader';
const REQUEST: TargetRequest = {
  region: 'eu-central-1',
  role: role('arn:aws:iam::111122223333:role/team/web'),
  targetRole: role(TARGET),
  clusterName: 'prod-1',
  namespace: 'shop',
  serviceAccountName: 'web',
  podName: 'web-7d9f-x',
  podUid: '0b3c1c5e-5a55-4c58-a9f1-000000000001',
  hasSessionTags: true,
};

test('external id and tags are those of EKS Pod Identity', () => {
  assert.deepEqual(buildTargetRole(REQUEST), {
    roleArn: TARGET,
    externalId: 'eu-central-1/111122223333/prod-1/shop/web',
    tags: {
      'kubernetes-namespace': 'shop',
      'kubernetes-service-account': 'web',
      'kubernetes-pod-name': 'web-7d9f-x',
      'kubernetes-pod-uid': '0b3c1c5e-5a55-4c58-a9f1-000000000001',
      'eks-cluster-name': 'prod-1',
    },
  });
});

test('without tags the external id stays, and nothing is wrong with tags that do not fit', () => {
  const built = buildTargetRole({ ...REQUEST, hasSessionTags: false, podName: '' });
  assert.equal(built.tags, undefined);
  assert.equal(built.externalId, 'eu-central-1/111122223333/prod-1/shop/web');
});

test('the longest names of Kubernetes fit', () => {
  const longest = {
    podName: 'p'.repeat(253),
    serviceAccountName: 's'.repeat(253),
    namespace: 'n'.repeat(63),
  };
  const { externalId } = buildTargetRole({ ...REQUEST, ...longest, clusterName: 'c'.repeat(100) });
  assert.ok(externalId.length <= 1_224);
});

test('in Ceph the account is the tenant, or empty', () => {
  for (const [arn, account] of [
    ['arn:aws:iam::tenant1:role/web', 'tenant1'],
    ['arn:aws:iam:::role/web', ''],
  ] as const)
    assert.equal(
      buildTargetRole({ ...REQUEST, role: role(arn) }).externalId,
      `eu-central-1/${account}/prod-1/shop/web`,
    );
});

for (const clusterName of [
  '',
  'a/b',
  '-a',
  'a b',
  'ü',
  'a,b',
  'c'.repeat(101),
  'a\n',
  '$(X)',
  'a/shop/web',
]) {
  test(`a cluster cannot be called ${JSON.stringify(clusterName.slice(0, 20))}`, () => {
    const problem = [/^--cluster-name: is ".*", must be 1 to 100 letters/s];
    assertFaults(() => buildTargetRole({ ...REQUEST, clusterName }), problem);
    assertFaults(() => buildTargetRole({ ...REQUEST, clusterName, hasSessionTags: false }), problem);
  });
}

test('a target role without a cluster name is an error, with and without tags', () => {
  for (const hasSessionTags of [true, false])
    assertFaults(
      () => buildTargetRole({ ...REQUEST, clusterName: undefined, hasSessionTags }),
      [/^--cluster-name: is not set, but a target role needs it/],
    );
});

test('a tag that STS does not take is named', () => {
  assertFaults(
    () => buildTargetRole({ ...REQUEST, podName: '', podUid: 'a;b' }),
    [/^session tag kubernetes-pod-name: is ""/, /session tag kubernetes-pod-uid: is "a;b"/],
  );
});

for (const [own, target, problem] of [
  [
    'arn:aws:iam::1:role/a',
    'arn:aws-cn:iam::1:role/b',
    /is in another partition than arn:aws:iam::1:role\/a/,
  ],
  ['arn:minio:iam:::role/a', 'arn:minio:iam:::role/b', /MinIO has no trust policies/],
  ['arn:minio:iam:::role/a', 'arn:aws:iam::1:role/b', /MinIO has no trust policies/],
] as const) {
  test(`${own} cannot assume ${target}`, () => {
    const request = { ...REQUEST, role: role(own), targetRole: role(target) };
    assertFaults(() => buildTargetRole(request), [problem]);
  });
}
