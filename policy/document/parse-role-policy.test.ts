import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { parseRolePolicy } from './parse-role-policy.ts';

const HEAD = 'apiVersion: podrole.dev/v1\nkind: RolePolicy\n';

test('parseRolePolicy reads every field', () => {
  const text = `${HEAD}unlisted: annotated
rules:
- namespaces: [shop, shop-*]
  serviceAccounts: [web, "*"]
  roles: ["arn:aws:iam::111122223333:role/shop-*", "*"]
- namespaces: ["*"]
  roles: []
`;
  assert.deepEqual(parseRolePolicy(text, 'policy.yaml'), {
    origin: 'policy.yaml',
    unlisted: 'annotated',
    rules: [
      {
        namespaces: ['shop', 'shop-*'],
        serviceAccounts: ['web', '*'],
        roles: ['arn:aws:iam::111122223333:role/shop-*', '*'],
      },
      { namespaces: ['*'], serviceAccounts: ['*'], roles: [] },
    ],
  });
  assert.equal(parseRolePolicy(`${HEAD}rules: []`, 'p').unlisted, 'deny');
});

const FAULTS: readonly [string, string, readonly RegExp[]][] = [
  ['nothing', '', [/^p: holds nothing/]],
  ['only a comment', '# later\n', [/^p: holds nothing/]],
  ['two documents', `${HEAD}rules: []\n---\n${HEAD}rules: []\n`, [/more than one document/]],
  ['not YAML', `${HEAD}rules: [`, [/is not valid YAML in line 3/]],
  ['a YAML tag', `${HEAD}rules: !Sub []\n`, [/is not valid YAML in line 3/]],
  ['a key twice', `${HEAD}rules: []\nrules: []\n`, [/keep one of the two/]],
  ['a list', '- a\n', [/^p:1: is not a mapping/]],
  [
    'another kind',
    'apiVersion: v1\nkind: Rolepolicy\nrules: []\n',
    [/^p:1 apiVersion: is unknown/, /^p:2 kind: is unknown; write RolePolicy/],
  ],
  [
    'missing fields',
    `${HEAD}rules:\n- roles: []\n- namespaces: [a]\n`,
    [/^p:4 rules\[0\]\.namespaces: is missing/, /^p:5 rules\[1\]\.roles: is missing/],
  ],
  [
    'unknown fields',
    `${HEAD}rules:\n- namespaces: [a]\n  role: x\n  roles: []\nunlistd: deny\n`,
    [/^p:7 unlistd: is unknown; write unlisted/, /^p:5 rules\[0\]\.role: is unknown; write roles/],
  ],
  ['a wrong mode', `${HEAD}unlisted: no\nrules: []\n`, [/^p:3 unlisted: is unknown/]],
  [
    'a namespace that cannot exist',
    `${HEAD}rules:\n- namespaces: [Shop, shop/web]\n  roles: ["*"]\n`,
    [/namespaces\[0\]: cannot match/, /namespaces\[1\]: cannot match/],
  ],
  [
    'an account that cannot exist',
    `${HEAD}rules:\n- namespaces: [a]\n  serviceAccounts: ["a/b"]\n  roles: ["*"]\n`,
    [/serviceAccounts\[0\]: cannot match/],
  ],
  [
    'a name in place of an ARN',
    `${HEAD}rules:\n- namespaces: [a]\n  roles: [shop-*]\n`,
    [/^p:5 rules\[0\]\.roles\[0\]: cannot match the ARN of a role; write an ARN/],
  ],
  [
    'an ARN with a line break',
    `${HEAD}rules:\n- namespaces: [a]\n  roles: ["arn:a\\nb"]\n`,
    [/cannot match the ARN/],
  ],
  ['a number', `${HEAD}rules:\n- namespaces: [7]\n  roles: ["*"]\n`, [/must be a string/]],
  [
    'no value, which could be taken for every ServiceAccount',
    `${HEAD}rules:\n- namespaces: [a]\n  serviceAccounts:\n  roles: ["*"]\n`,
    [/^p:5 rules\[0\]\.serviceAccounts: is empty; name at least one, or leave it out for all/],
  ],
  [
    'a prototype',
    `${HEAD}rules:\n- __proto__: {roles: ["*"]}\n  namespaces: [a]\n  roles: []\n`,
    [/__proto__: is unknown/],
  ],
  [
    'aliases that grow without bound',
    `${HEAD}a: &a [${'x,'.repeat(99)}x]\nb: &b [${'*a,'.repeat(99)}*a]\nrules: [${'*b,'.repeat(99)}*b]\n`,
    [/^p: Excessive alias count/],
  ],
  ['an empty list', `${HEAD}rules:\n- namespaces: []\n  roles: ["*"]\n`, [/namespaces: is empty/]],
  [
    'too many rules',
    `${HEAD}rules:\n${'- {namespaces: [a], roles: []}\n'.repeat(1_001)}`,
    [/^p:3 rules: has more than 1000 rules/],
  ],
];

for (const [title, text, expected] of FAULTS) {
  test(`parseRolePolicy refuses ${title}`, () => {
    assert.throws(
      () => parseRolePolicy(text, 'p'),
      (thrown) => {
        assert.ok(thrown instanceof PodroleError);
        assert.equal(thrown.code, 'INVALID_ROLE_POLICY');
        for (const each of expected) assert.match(thrown.message, new RegExp(each.source, 'm'));
        assert.equal(thrown.faults.length, expected.length, thrown.message);
        return true;
      },
    );
  });
}
