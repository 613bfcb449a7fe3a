import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecisionCase, decideInNamespace } from '../../testing/identity/decide-in-namespace.ts';

const ROLE = 'iam.amazonaws.com/role';
const ROLE_ARN = 'eks.amazonaws.com/role-arn';
const BASE = 'arn:aws:iam::111122223333:role/';

function roleOf(given: DecisionCase): string | undefined {
  const { identity } = decideInNamespace(given);
  return identity?.kind === 'web-identity' ? identity.role?.roleArn : undefined;
}

const COMPOSED = { baseRoleArn: '', composeRoleArn: 'true', accountId: '444455556666', partition: 'aws' };

for (const [given, roleArn, flags] of [
  ['web', `${BASE}web`],
  ['/web', `${BASE}web`],
  ['team/web', `${BASE}team/web`],
  ['/team/web', `${BASE}team/web`],
  ['web', `${BASE}team/web`, { baseRoleArn: `${BASE}team/` }],
  ['a+b=c,d.e@f-g_h', `${BASE}a+b=c,d.e@f-g_h`],
  [`${BASE}web`, `${BASE}web`],
  ['arn:aws:iam::444455556666:role/web', 'arn:aws:iam::444455556666:role/web'],
  ['arn:aws-cn:iam::111122223333:role/web', 'arn:aws-cn:iam::111122223333:role/web'],
  ['arn:aws-us-gov:iam::111122223333:role/a/web', 'arn:aws-us-gov:iam::111122223333:role/a/web'],
  // Ceph radosgw and MinIO
  ['arn:aws:iam:::role/web', 'arn:aws:iam:::role/web'],
  ['web', 'arn:aws:iam::tenant1:role/web', { baseRoleArn: 'arn:aws:iam::tenant1:role/' }],
  ['nOybJq', 'arn:minio:iam:us-east-1::role/nOybJq', { baseRoleArn: 'arn:minio:iam:us-east-1::role/' }],
  ['web', 'arn:aws:iam::444455556666:role/web', COMPOSED],
  ['/web', 'arn:aws:iam::444455556666:role/web', COMPOSED],
  [
    'web',
    'arn:aws-cn:iam::444455556666:role/web',
    { ...COMPOSED, partition: '', awsDefaultRegion: 'cn-north-1' },
  ],
  // The base ARN comes before the account.
  ['web', `${BASE}web`, { ...COMPOSED, baseRoleArn: BASE }],
] as const) {
  test(`a pod that names the role ${given} gets ${roleArn}`, () => {
    assert.equal(roleOf({ pod: { [ROLE]: given }, flags }), roleArn);
    const { warnings, refusals } = decideInNamespace({ pod: { [ROLE]: given }, flags });
    assert.deepEqual([warnings, refusals], [[], []]);
  });
}

for (const [what, given, warning, flags] of [
  [
    'a name without anything that completes it',
    'web',
    /is "web", not a role ARN.*set --base-role-arn$/,
    { baseRoleArn: '' },
  ],
  [
    'a name for an account that is not known',
    'web',
    /set --base-role-arn$/,
    { baseRoleArn: '', composeRoleArn: 'true' },
  ],
  ['white space before a name', ' web', /remove the white space around it$/],
  ['a line break after an ARN', `${BASE}web\n`, /remove the white space around it$/],
  ['white space in a name', 'we b', /is "we b", not a role ARN.*write a role name or arn:aws/],
  ['an ARN in capitals', 'ARN:aws:iam::111122223333:role/web', /write a role name or arn:aws/],
  ['the ARN of a user', 'arn:aws:iam::111122223333:user/web', /write a role name or arn:aws/],
  [
    'the ARN of a user, without a base',
    'arn:aws:iam::111122223333:user/web',
    /write a role name or arn:aws/,
    { baseRoleArn: '' },
  ],
  ['two ARNs', `${BASE}web ${BASE}admin`, /not a role ARN/],
  ['an ARN after a name', `web/${BASE}admin`, /not a role ARN/],
  ['only a slash', '/', /not a role ARN/],
  ['a path without a name', 'team/', /not a role ARN/],
  ['a name of 65 characters', 'x'.repeat(65), /not a role ARN/],
  ['3,000 characters', 'x'.repeat(3_000), /has more than 2048 characters, and no role was injected/],
  ['a line break and a forged line', 'web\nerror: all is well', /"web error: all is well"/],
  ['escape sequences', '\u001b[2Jweb', /"\?\[2Jweb"/],
  ['a number', 7, /is not a string, and no role was injected; write its value in quotes$/],
  ['a list', ['web'], /is not a string/],
] as const) {
  test(`${what} names no role, so the pod gets none, not even that of its ServiceAccount`, () => {
    const own = {
      [ROLE_ARN]: `${BASE}own`,
      'podrole.dev/container-roles': `app=${BASE}app`,
    };
    for (const serviceAccount of [{}, own]) {
      const { identity, warnings } = decideInNamespace({
        pod: { [ROLE]: given },
        serviceAccount,
        flags: flags ?? {},
      });
      assert.equal(identity, undefined);
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0] ?? '', /^this Pod: annotation iam.amazonaws.com\/role [ -~]*$/);
      assert.match(warnings[0] ?? '', warning);
    }
  });
}

const OWN = { [ROLE_ARN]: `${BASE}own` };

for (const [what, given, role] of [
  [
    'the role of the pod wins over that of its ServiceAccount',
    { pod: { [ROLE]: 'web' }, serviceAccount: OWN },
    `${BASE}web`,
  ],
  [
    'it wins over a malformed one',
    { pod: { [ROLE]: 'web' }, serviceAccount: { [ROLE_ARN]: 'x y' } },
    `${BASE}web`,
  ],
  ['it wins over the ConfigMap', { pod: { [ROLE]: 'web' }, configMap: `${BASE}map` }, `${BASE}web`],
  ['an empty value is absent', { pod: { [ROLE]: '' }, serviceAccount: OWN }, `${BASE}own`],
  ['null is an empty value', { pod: { [ROLE]: null }, serviceAccount: OWN }, `${BASE}own`],
  ['without the annotation, the ServiceAccount decides', { serviceAccount: OWN }, `${BASE}own`],
  ['without the annotation, the ConfigMap decides', { configMap: `${BASE}map` }, `${BASE}map`],
  ['without any annotation there is no role', {}, undefined],
  ['an inherited name does not count', { pod: {}, flags: { podRoleAnnotation: 'constructor' } }, undefined],
  [
    'an inherited name counts if the pod has that annotation',
    { pod: { constructor: 'web' }, flags: { podRoleAnnotation: 'constructor' } },
    `${BASE}web`,
  ],
  [
    'another annotation can be chosen',
    { pod: { 'example.com/role': 'web', [ROLE]: 'other' }, flags: { podRoleAnnotation: 'example.com/role' } },
    `${BASE}web`,
  ],
  [
    'even the one of ServiceAccounts',
    { pod: { [ROLE_ARN]: 'web' }, flags: { podRoleAnnotation: ROLE_ARN } },
    `${BASE}web`,
  ],
  [
    'without the option the pod names nothing',
    { pod: { [ROLE]: 'web' }, serviceAccount: OWN, flags: { podRoleAnnotation: '' } },
    `${BASE}own`,
  ],
] as const satisfies readonly (readonly [string, DecisionCase, string | undefined])[]) {
  test(what, () => assert.equal(roleOf(given), role));
}

test('containers with a role of their own keep it, the others get that of the pod', () => {
  const list = { 'podrole.dev/container-roles': `app=${BASE}app,bad=x y z`.replace('x y z', 'arn:x') };
  const { identity } = decideInNamespace({ pod: { [ROLE]: 'web' }, serviceAccount: { ...OWN, ...list } });
  assert.ok(identity?.kind === 'web-identity');
  assert.equal(identity.role?.roleArn, `${BASE}web`);
  assert.deepEqual(
    identity.containerRoles.map(({ container, roleArn }) => [container, roleArn]),
    [['app', `${BASE}app`]],
  );
  assert.deepEqual(identity.skipContainers, ['bad']);
});

test('a list of container roles that is unclear leaves the pod without a role, even one that it names', () => {
  const serviceAccount = { 'podrole.dev/container-roles': `a=${BASE}a b=${BASE}b` };
  assert.equal(decideInNamespace({ pod: { [ROLE]: 'web' }, serviceAccount }).identity, undefined);
});

test('an audience that is too long leaves the pod without a role, even one that it names', () => {
  const serviceAccount = { 'eks.amazonaws.com/audience': 'x'.repeat(2_000) };
  assert.equal(decideInNamespace({ pod: { [ROLE]: 'web' }, serviceAccount }).identity, undefined);
});

test('token, sidecar and lists of containers are decided as for any other role', () => {
  const { identity, warnings } = decideInNamespace({
    pod: {
      [ROLE]: 'web',
      'eks.amazonaws.com/token-expiration': '1200',
      'eks.amazonaws.com/skip-containers': 'proxy',
      'podrole.dev/include-containers': 'app',
      'podrole.dev/sidecar': 'credentials',
    },
    serviceAccount: { 'eks.amazonaws.com/audience': 'other' },
  });
  assert.ok(identity?.kind === 'web-identity');
  const { role, skipContainers, includeContainers, sidecar } = identity;
  assert.deepEqual([role?.token.audience, role?.token.expirationSeconds], ['other', 1_200]);
  assert.deepEqual([skipContainers, includeContainers, sidecar?.mode], [['proxy'], ['app'], 'credentials']);
  assert.deepEqual(warnings, []);
});

test('EKS Pod Identity comes before the role of the pod, with a warning', () => {
  const { identity, warnings } = decideInNamespace({ pod: { [ROLE]: 'web' }, containerCredentials: true });
  assert.equal(identity?.kind, 'container-credentials');
  assert.deepEqual(warnings, [
    'this Pod: annotation iam.amazonaws.com/role is "web" and has no effect, since EKS Pod Identity gives ' +
      'the pod its role; remove it, or the ServiceAccount from the container credentials config',
  ]);
});

test('a mirror pod gets nothing, with a warning', () => {
  const pod = { 'kubernetes.io/config.mirror': 'x', [ROLE]: 'web' };
  const { identity, warnings } = decideInNamespace({ pod });
  assert.equal(identity, undefined);
  assert.match(
    warnings.join('\n'),
    /^this Pod: annotation iam.amazonaws.com\/role has no effect on a static pod/,
  );
});
