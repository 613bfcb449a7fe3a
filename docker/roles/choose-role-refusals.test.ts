import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import {
  ANY,
  BASE_ROLE_ARN,
  choiceOf,
  containerRule,
  type GivenContainer,
  type GivenRules,
  hostContainer,
  LABEL,
  POLICY,
  roleRules,
  SHOP,
  WEB,
} from '../../testing/docker/role-choices.ts';
import { chooseRole } from './choose-role.ts';

/** All have a role file and a default that match: a refusal never falls through to them. */
const REFUSALS: readonly (readonly [
  name: string,
  given: GivenContainer,
  ruled: GivenRules,
  reason: RegExp,
])[] = [
  [
    'a label without --allow',
    { labels: { [LABEL]: 'a' } },
    {},
    /^Label podrole\.dev\/role-arn: names arn:aws:iam::111122223333:role\/a, but an image can .*--allow/,
  ],
  [
    'a variable without --allow',
    { env: { IAM_ROLE: 'a' } },
    {},
    /^Variable IAM_ROLE: .*; start podrole docker with --allow/,
  ],
  [
    'a mistake in the label',
    { labels: { 'podrole.dev/role': 'app-a' } },
    { allow: ANY },
    /^Label podrole\.dev\/role: is unknown; write podrole\.dev\/role-arn, or remove it$/,
  ],
  [
    'another label of podrole beside the right one, which a later podrole may know',
    { labels: { [LABEL]: 'app-a', 'Podrole.dev/Policy\u001b': '{}' } },
    { allow: ANY },
    /^Label Podrole\.dev\/Policy\\u001b: is unknown; /,
  ],
  [
    'an account with a missing digit',
    { labels: { [LABEL]: 'arn:aws:iam::11112222333:role/app-a' } },
    { allow: [`${BASE_ROLE_ARN}app-*`] },
    /names arn:aws:iam::11112222333:role\/app-a, which has an account of 11 digits, not of twelve; /,
  ],
  [
    'a label that is not allowed, though the variable is',
    { labels: { [LABEL]: 'a' }, env: { IAM_ROLE: 'app-b' } },
    { allow: [`${BASE_ROLE_ARN}app-*`] },
    /^Label .* no pattern of --allow matches/,
  ],
  [
    'a pattern matches the whole ARN',
    { labels: { [LABEL]: 'app-b' } },
    { allow: [`${BASE_ROLE_ARN}app`, `${BASE_ROLE_ARN}app-`, '*app-'] },
    /no pattern of --allow matches/,
  ],
  [
    'a pattern of another account',
    { labels: { [LABEL]: 'arn:aws:iam::444455556666:role/app' } },
    { allow: [`${BASE_ROLE_ARN}*`] },
    /no pattern of --allow matches/,
  ],
  [
    'a name without a prefix',
    { env: { IAM_ROLE: 'a' } },
    { allow: ANY, base: undefined },
    /without its account; .*--base-role-arn/,
  ],
  [
    'an ARN of a user',
    { labels: { [LABEL]: 'arn:aws:iam::111122223333:user/a' } },
    { allow: ANY },
    /is not the name or ARN of a role/,
  ],
  ['white space', { labels: { [LABEL]: ' ' } }, { allow: ANY }, /is not the name or ARN of a role/],
  [
    'a role with a line break',
    { env: { IAM_ROLE: 'a\n' } },
    { allow: ANY },
    /is not the name or ARN of a role/,
  ],
  [
    'a label that is too long',
    { labels: { [LABEL]: 'a'.repeat(1_025) } },
    { allow: ANY },
    /has more than 1024 characters/,
  ],
  [
    'a policy that is not JSON',
    { env: { IAM_ROLE: 'a', IAM_POLICY: '{secret' } },
    { allow: ANY },
    /^Variable IAM_POLICY: is not JSON: line 1, column 2 /,
  ],
  [
    'an empty policy',
    { env: { IAM_POLICY: '' } },
    {},
    /^Variable IAM_POLICY: is empty; .*remove the variable/,
  ],
  ['a policy that is a list', { env: { IAM_POLICY: '[]' } }, {}, /is not a policy document/],
  ['a policy without statements', { env: { IAM_POLICY: '{}' } }, {}, /is not a policy document/],
  [
    'a policy that is too long',
    { env: { IAM_POLICY: POLICY.padEnd(2_049) } },
    {},
    /has 2049 characters, and STS takes 2048/,
  ],
  [
    'a policy beyond U+00FF',
    { env: { IAM_POLICY: POLICY.replace('[]', '["€"]') } },
    {},
    /has characters beyond U\+00FF/,
  ],
];

for (const [name, given, ruled, reason] of REFUSALS) {
  test(`refused: ${name}`, () => {
    const all = { file: WEB, default: 'd', ...ruled };
    assert.match(choiceOf(given, all), reason);
    assert.doesNotMatch(choiceOf(given, all), /secret/);
  });
}

test('the role file and the default are bounded by --allow', () => {
  const allow = [`${BASE_ROLE_ARN}app-*`];
  assert.match(choiceOf({}, { allow, file: WEB }), /^Role file: .* no pattern of --allow matches/);
  assert.match(choiceOf({}, { allow, default: 'd' }), /^--default-role: .* no pattern of --allow matches/);
  assert.equal(choiceOf({}, { allow, default: 'app-d' }), 'default app-d');
});

test('an image with labels of Compose does not get the role of the service', () => {
  const file = [containerRule('a', { service: 'shop/php' })];
  for (const name of [
    'eager_hopper',
    'php',
    'shop-php',
    'shop-php-x',
    'shop-php_1',
    'x-shop-php-1',
    'shop-php-1-2',
  ]) {
    assert.match(
      choiceOf({ name, labels: SHOP }, { file, default: 'd' }),
      /^Role file, line 2: matches labels of Compose/,
      name,
    );
  }
});

test('a policy of the longest size that STS takes is taken', () => {
  const longest = POLICY.padEnd(2_048);
  assert.equal(choiceOf({ env: { IAM_POLICY: longest } }, { default: 'd' }), `default d ${longest}`);
});

for (const [name, given] of Object.entries({
  label: (size: number): GivenContainer => ({ labels: { [LABEL]: 'arn:'.repeat(size) } }),
  variable: (size: number): GivenContainer => ({ env: { IAM_ROLE: 'a/'.repeat(size) } }),
  policy: (size: number): GivenContainer => ({ env: { IAM_POLICY: '['.repeat(size) } }),
  service: (size: number): GivenContainer => ({
    labels: {
      'com.docker.compose.project': 'p'.repeat(size),
      'com.docker.compose.service': 's'.repeat(size),
    },
  }),
})) {
  test(`the steps do not grow with the square of a ${name}`, async () => {
    const file = [containerRule('a', { service: '*s*s*x/*p*p*x' })];
    await assertLinear((size) => {
      const asking = hostContainer(given(size));
      const ruled = roleRules({ allow: ['*a*a*x'], file, default: 'd' });
      return () => chooseRole(asking, ruled);
    });
  });
}
