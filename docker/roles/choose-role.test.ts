import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoleArn } from '../../lib/arn.ts';
import { assertLinear } from '../../testing/cost/step-count.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { chooseRole, type RoleRules } from './choose-role.ts';
import type { ContainerRule } from './container-rule.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const POLICY = '{"Version":"2012-10-17","Statement":[]}';
const LABEL = 'podrole.dev/role-arn';

interface Given {
  readonly name?: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function container({ name = 'web', image = 'busybox', labels = {}, env = {} }: Given): HostContainer {
  return {
    id: 'a'.repeat(64),
    name,
    image,
    labels: new Map(Object.entries(labels)),
    environment: new Map(Object.entries(env)),
    isRunning: true,
    pid: 7,
    networkMode: 'bridge',
    endpoints: [],
  };
}

function role(name: string) {
  const parsed = parseRoleArn(name.startsWith('arn:') ? name : `${BASE}${name}`);
  assert.ok(parsed);
  return parsed;
}

function rule(name: string, matcher: Partial<ContainerRule>): ContainerRule {
  return {
    container: undefined,
    service: undefined,
    image: undefined,
    sessionPolicy: undefined,
    line: 2,
    ...matcher,
    role: role(name),
  };
}

interface GivenRules {
  readonly file?: readonly ContainerRule[];
  readonly allow?: readonly string[];
  readonly default?: string;
  readonly base?: string | undefined;
}

function rules(given: GivenRules): RoleRules {
  return {
    file: given.file ?? [],
    allow: given.allow ?? [],
    defaultRole: given.default === undefined ? undefined : role(given.default),
    baseRoleArn: 'base' in given ? given.base : BASE,
  };
}

/** `file web`, with ` narrowed` if the session has a policy; `none`; or the reason of the refusal. */
function choice(given: Given, ruled: GivenRules): string {
  const chosen = chooseRole(container(given), rules(ruled));
  if (chosen.kind === 'without-role') return 'none';
  if (chosen.kind === 'refused') return chosen.reason;
  const { role: granted, source, sessionPolicy } = chosen.grant;
  return `${source} ${granted.arn.replace(BASE, '')}${sessionPolicy === undefined ? '' : ` ${sessionPolicy}`}`;
}

const ANY = ['*'];
const WEB = [rule('by-file', { container: 'web' })];
const SHOP = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'php' };

const CHOICES: readonly (readonly [name: string, given: Given, ruled: GivenRules, expected: string])[] = [
  ['nothing', {}, {}, 'none'],
  ['a label', { labels: { [LABEL]: `${BASE}a` } }, { allow: ANY }, 'label a'],
  ['a label with a name', { labels: { [LABEL]: 'a' } }, { allow: ANY }, 'label a'],
  ['a variable', { env: { IAM_ROLE: `${BASE}a` } }, { allow: ANY }, 'environment a'],
  ['a variable with a path', { env: { IAM_ROLE: '/team/a' } }, { allow: ANY }, 'environment team/a'],
  ['the default', {}, { default: 'd' }, 'default d'],
  ['the file', {}, { file: WEB }, 'file by-file'],
  [
    'all of them: the label',
    { labels: { [LABEL]: 'a' }, env: { IAM_ROLE: 'b' } },
    { allow: ANY, file: WEB, default: 'd' },
    'label a',
  ],
  [
    'all but a label: the variable',
    { env: { IAM_ROLE: 'b' } },
    { allow: ANY, file: WEB, default: 'd' },
    'environment b',
  ],
  ['the file and the default: the file', {}, { file: WEB, default: 'd' }, 'file by-file'],
  [
    'an empty label and an empty variable',
    { labels: { [LABEL]: '' }, env: { IAM_ROLE: '' } },
    { allow: ANY, file: WEB },
    'file by-file',
  ],
  [
    'two rules that match: the first',
    {},
    { file: [rule('first', { container: 'w*' }), ...WEB] },
    'file first',
  ],
  [
    'a rule of which only one part matches',
    {},
    { file: [rule('a', { container: 'web', image: 'other' }), ...WEB] },
    'file by-file',
  ],
  [
    'an image by its tag',
    { image: 'registry.example/fluent:1.2' },
    { file: [rule('a', { image: 'registry.example/fluent:*' })] },
    'file a',
  ],
  [
    'an image without a tag',
    { image: 'registry.example:5000/fluent' },
    { file: [rule('a', { image: 'registry.example:5000/fluent:*' })] },
    'file a',
  ],
  [
    'an image whose name only begins so',
    { image: 'registry.example/fluent-evil:1' },
    { file: [rule('a', { image: 'registry.example/fluent:*' })] },
    'none',
  ],
  [
    'a digest has no tag',
    { image: 'fluent@sha256:1f' },
    { file: [rule('a', { image: 'fluent*:latest' })] },
    'none',
  ],
  [
    'a service of Compose',
    { name: 'shop-php-1', labels: SHOP },
    { file: [rule('a', { service: 'shop/php' })] },
    'file a',
  ],
  [
    'a service of Compose 1 and podman-compose',
    { name: 'shop_php_1', labels: SHOP },
    { file: [rule('a', { service: 'php' })] },
    'file a',
  ],
  [
    'a one-off container',
    { name: 'shop-php-run-1f2e3d4c5b6a', labels: SHOP },
    { file: [rule('a', { service: 's*/p?p' })] },
    'file a',
  ],
  [
    'a service with a name of its own',
    { name: 'php', labels: SHOP },
    { file: [rule('a', { service: 'shop/php', container: 'php' })] },
    'file a',
  ],
  [
    'another project',
    { name: 'shop-php-1', labels: SHOP },
    { file: [rule('a', { service: 'blog/php' })] },
    'none',
  ],
  [
    'a star does not reach from the project to the service',
    { name: 'shop-php-1', labels: SHOP },
    { file: [rule('a', { service: '*hop/' })] },
    'none',
  ],
  [
    'a role that is allowed by a pattern',
    { labels: { [LABEL]: 'app-web' } },
    { allow: [`${BASE}job-?`, `${BASE}app-*`] },
    'label app-web',
  ],
  ['a policy', { env: { IAM_ROLE: 'a', IAM_POLICY: POLICY } }, { allow: ANY }, `environment a ${POLICY}`],
  [
    'a policy for the role of the label',
    { labels: { [LABEL]: 'a' }, env: { IAM_POLICY: POLICY } },
    { allow: ANY },
    `label a ${POLICY}`,
  ],
  ['a policy for the default', { env: { IAM_POLICY: POLICY } }, { default: 'd' }, `default d ${POLICY}`],
  [
    'a policy of the file, which an image cannot replace',
    { env: { IAM_POLICY: POLICY } },
    { file: [rule('a', { container: 'web', sessionPolicy: '{}' })] },
    'file a {}',
  ],
  ['a policy without a role', { env: { IAM_POLICY: 'x' } }, {}, 'none'],
];

for (const [name, given, ruled, expected] of CHOICES) {
  test(`chosen: ${name}`, () => assert.equal(choice(given, ruled), expected));
}

/** All have a role file and a default that match: a refusal never falls through to them. */
const REFUSALS: readonly (readonly [name: string, given: Given, ruled: GivenRules, reason: RegExp])[] = [
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
    'a label that is not allowed, though the variable is',
    { labels: { [LABEL]: 'a' }, env: { IAM_ROLE: 'app-b' } },
    { allow: [`${BASE}app-*`] },
    /^Label .* no pattern of --allow matches/,
  ],
  [
    'a pattern matches the whole ARN',
    { labels: { [LABEL]: 'app-b' } },
    { allow: [`${BASE}app`, `${BASE}app-`, '*app-'] },
    /no pattern of --allow matches/,
  ],
  [
    'a pattern of another account',
    { labels: { [LABEL]: 'arn:aws:iam::444455556666:role/app' } },
    { allow: [`${BASE}*`] },
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
    assert.match(choice(given, all), reason);
    assert.doesNotMatch(choice(given, all), /secret/);
  });
}

test('the role file and the default are bounded by --allow', () => {
  const allow = [`${BASE}app-*`];
  assert.match(choice({}, { allow, file: WEB }), /^Role file: .* no pattern of --allow matches/);
  assert.match(choice({}, { allow, default: 'd' }), /^--default-role: .* no pattern of --allow matches/);
  assert.equal(choice({}, { allow, default: 'app-d' }), 'default app-d');
});

test('an image with labels of Compose does not get the role of the service', () => {
  const file = [rule('a', { service: 'shop/php' })];
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
      choice({ name, labels: SHOP }, { file, default: 'd' }),
      /^Role file, line 2: matches labels of Compose/,
      name,
    );
  }
});

test('a policy of the longest size that STS takes is taken', () => {
  const longest = POLICY.padEnd(2_048);
  assert.equal(choice({ env: { IAM_POLICY: longest } }, { default: 'd' }), `default d ${longest}`);
});

for (const [name, given] of Object.entries({
  label: (size: number): Given => ({ labels: { [LABEL]: 'arn:'.repeat(size) } }),
  variable: (size: number): Given => ({ env: { IAM_ROLE: 'a/'.repeat(size) } }),
  policy: (size: number): Given => ({ env: { IAM_POLICY: '['.repeat(size) } }),
  service: (size: number): Given => ({
    labels: {
      'com.docker.compose.project': 'p'.repeat(size),
      'com.docker.compose.service': 's'.repeat(size),
    },
  }),
})) {
  test(`the steps do not grow with the square of a ${name}`, async () => {
    const file = [rule('a', { service: '*s*s*x/*p*p*x' })];
    await assertLinear((size) => {
      const asking = container(given(size));
      const ruled = rules({ allow: ['*a*a*x'], file, default: 'd' });
      return () => chooseRole(asking, ruled);
    });
  });
}
