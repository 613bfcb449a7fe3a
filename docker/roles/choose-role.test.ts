import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANY,
  BASE_ROLE_ARN,
  choiceOf,
  containerRule,
  type GivenContainer,
  type GivenRules,
  LABEL,
  POLICY,
  SHOP,
  WEB,
} from '../../testing/docker/role-choices.ts';

const CHOICES: readonly (readonly [
  name: string,
  given: GivenContainer,
  ruled: GivenRules,
  expected: string,
])[] = [
  ['nothing', {}, {}, 'none'],
  ['a label', { labels: { [LABEL]: `${BASE_ROLE_ARN}a` } }, { allow: ANY }, 'label a'],
  ['a label with a name', { labels: { [LABEL]: 'a' } }, { allow: ANY }, 'label a'],
  ['a variable', { env: { IAM_ROLE: `${BASE_ROLE_ARN}a` } }, { allow: ANY }, 'environment a'],
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
    { file: [containerRule('first', { container: 'w*' }), ...WEB] },
    'file first',
  ],
  [
    'a rule of which only one part matches',
    {},
    { file: [containerRule('a', { container: 'web', image: 'other' }), ...WEB] },
    'file by-file',
  ],
  [
    'an image by its tag',
    { image: 'registry.example/fluent:1.2' },
    { file: [containerRule('a', { image: 'registry.example/fluent:*' })] },
    'file a',
  ],
  [
    'an image without a tag',
    { image: 'registry.example:5000/fluent' },
    { file: [containerRule('a', { image: 'registry.example:5000/fluent:*' })] },
    'file a',
  ],
  [
    'an image whose name only begins so',
    { image: 'registry.example/fluent-evil:1' },
    { file: [containerRule('a', { image: 'registry.example/fluent:*' })] },
    'none',
  ],
  [
    'a digest has no tag',
    { image: 'fluent@sha256:1f' },
    { file: [containerRule('a', { image: 'fluent*:latest' })] },
    'none',
  ],
  [
    'a service of Compose',
    { name: 'shop-php-1', labels: SHOP },
    { file: [containerRule('a', { service: 'shop/php' })] },
    'file a',
  ],
  [
    'a service of Compose 1 and podman-compose',
    { name: 'shop_php_1', labels: SHOP },
    { file: [containerRule('a', { service: 'php' })] },
    'file a',
  ],
  [
    'a one-off container',
    { name: 'shop-php-run-1f2e3d4c5b6a', labels: SHOP },
    { file: [containerRule('a', { service: 's*/p?p' })] },
    'file a',
  ],
  [
    'a service with a name of its own',
    { name: 'php', labels: SHOP },
    { file: [containerRule('a', { service: 'shop/php', container: 'php' })] },
    'file a',
  ],
  [
    'another project',
    { name: 'shop-php-1', labels: SHOP },
    { file: [containerRule('a', { service: 'blog/php' })] },
    'none',
  ],
  [
    'a star does not reach from the project to the service',
    { name: 'shop-php-1', labels: SHOP },
    { file: [containerRule('a', { service: '*hop/' })] },
    'none',
  ],
  [
    'a role that is allowed by a pattern',
    { labels: { [LABEL]: 'app-web' } },
    { allow: [`${BASE_ROLE_ARN}job-?`, `${BASE_ROLE_ARN}app-*`] },
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
    { file: [containerRule('a', { container: 'web', sessionPolicy: '{}' })] },
    'file a {}',
  ],
  ['a policy without a role', { env: { IAM_POLICY: 'x' } }, {}, 'none'],
];

for (const [name, given, ruled, expected] of CHOICES) {
  test(`chosen: ${name}`, () => assert.equal(choiceOf(given, ruled), expected));
}
