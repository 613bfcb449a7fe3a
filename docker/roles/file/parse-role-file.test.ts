import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../../lib/errors.ts';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import { parseRoleFile } from './parse-role-file.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const BOUNDS = { allow: [], baseRoleArn: BASE };

test('every field is read', () => {
  const rules = parseRoleFile(
    `# roles of this host
roles:
  - container: web-*
    role: arn:aws:iam::444455556666:role/web
  - service: shop/php
    role: php
  - image: registry.example/fluent:*
    service: "*"
    role: team/fluent
    policy:
      Version: 2012-10-17
      Statement: [{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {Null: {"aws:x": true}}}]
`,
    'roles.yaml',
    BOUNDS,
  );
  assert.deepEqual(
    rules.map(({ role, ...rest }) => ({ role: role.arn, ...rest })),
    [
      {
        role: 'arn:aws:iam::444455556666:role/web',
        container: 'web-*',
        service: undefined,
        image: undefined,
        sessionPolicy: undefined,
        line: 3,
      },
      {
        role: `${BASE}php`,
        container: undefined,
        service: 'shop/php',
        image: undefined,
        sessionPolicy: undefined,
        line: 5,
      },
      {
        role: `${BASE}team/fluent`,
        container: undefined,
        service: '*',
        image: 'registry.example/fluent:*',
        sessionPolicy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:x":true}}}]}',
        line: 7,
      },
    ],
  );
});

test('JSON is read, and a file may give no roles', () => {
  const text = JSON.stringify({ roles: [{ container: 'web', role: 'web' }] });
  assert.equal(parseRoleFile(text, 'roles.json', BOUNDS)[0]?.role.arn, `${BASE}web`);
  assert.deepEqual(parseRoleFile('roles: []', 'roles.yaml', BOUNDS), []);
});

const POLICY = (content: string) => `roles:\n- container: a\n  role: a\n  policy: ${content}\n`;

const FAULTS: readonly (readonly [name: string, text: string, faults: readonly RegExp[]])[] = [
  ['nothing', '', [/^f: holds nothing; write roles: and a list of rules/]],
  ['only a comment', '# later\n', [/^f: holds nothing/]],
  ['null', 'null\n', [/^f:1: is not a mapping/]],
  ['no list', 'roles:\n', [/^f:1 roles: is missing/]],
  ['a list', '- container: a\n', [/^f:1: is not a mapping/]],
  ['not YAML', 'roles: [', [/^f: is not valid YAML in line 1/]],
  ['two documents', 'roles: []\n---\nroles: []\n', [/^f: has more than one document/]],
  ['a YAML tag', 'roles: !Sub []\n', [/^f: is not valid YAML in line 1/]],
  ['a key twice', 'roles: []\nroles: []\n', [/keep one of the two/]],
  [
    'unknown fields',
    'rols: []\nroles:\n- contaner: a\n  role: a\n',
    [
      /^f:1 rols: is unknown; write roles/,
      /^f:3 roles\[0\]\.contaner: is unknown; write container/,
      /^f:3 roles\[0\]: names no container; give container, service or image/,
    ],
  ],
  ['a rule that is not a mapping', 'roles:\n- web\n', [/^f:2 roles\[0\]: is not a mapping/]],
  ['no role', 'roles:\n- container: a\n', [/^f:2 roles\[0\]\.role: is missing/]],
  [
    'fields without a value, which would match more or give more',
    'roles:\n- container:\n  image: a\n  policy:\n  role: a\n',
    [/^f:2 roles\[0\]\.container: is empty/, /^f:4 roles\[0\]\.policy: is empty/],
  ],
  [
    'two rules for the same containers',
    'roles:\n- {container: a, role: a}\n- {container: a, image: b, role: a}\n- {role: b, container: a}\n',
    [/^f:4 roles\[2\]: is for the same containers as line 2; leave one of them/],
  ],
  [
    'roles that are not roles',
    'roles:\n- {container: a, role: "arn:aws:iam::111122223333:user/a"}\n- {container: b, role: "a b"}\n- {container: c, role: 7}\n',
    [
      /^f:2 roles\[0\]\.role: is not the name or ARN of a role/,
      /^f:3 roles\[1\]\.role: is not the name or ARN of a role/,
      /^f:4 roles\[2\]\.role: must be a string/,
    ],
  ],
  [
    'patterns that match nothing',
    'roles:\n- {container: /web, role: a}\n- {service: a/b/c, role: a}\n- {image: "a b", role: a}\n- {image: "", role: a}\n',
    [
      /^f:2 roles\[0\]\.container: cannot match the name of a container; write it as docker ps shows it/,
      /^f:3 roles\[1\]\.service: cannot match a service of Compose; write SERVICE or PROJECT\/SERVICE/,
      /^f:4 roles\[2\]\.image: cannot match an image/,
      /^f:5 roles\[3\]\.image: must be a string/,
    ],
  ],
  [
    'a pattern that is too long',
    `roles:\n- {image: "${'a'.repeat(513)}", role: a}\n`,
    [/image: cannot match an image/],
  ],
  [
    'a policy that is a string',
    POLICY('allow'),
    [/^f:4 roles\[0\]\.policy: is not a policy document; write an IAM policy/],
  ],
  ['a policy that is not one', POLICY('{Version: 1}'), [/^f:4 roles\[0\]\.policy: is not a policy document/]],
  [
    'a policy that is too long',
    POLICY(`{Statement: ["${'a'.repeat(2_048)}"]}`),
    [/policy: has \d+ characters, and STS takes 2048/],
  ],
  ['a policy beyond U+00FF', POLICY('{Statement: ["€"]}'), [/policy: has characters beyond U\+00FF/]],
  [
    'too many rules',
    `roles:\n${Array.from({ length: 1_001 }, (_, at) => `- {container: a${at}, role: a}\n`).join('')}`,
    [/^f:1 roles: has more than 1000 rules/],
  ],
];

for (const [name, text, faults] of FAULTS) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => parseRoleFile(text, 'f', BOUNDS),
      (thrown) => {
        assert.ok(thrown instanceof PodroleError);
        assert.equal(thrown.code, 'INVALID_ROLE_FILE');
        assert.equal(thrown.faults.length, faults.length, thrown.message);
        const lines = thrown.message.split('\n');
        for (const fault of faults)
          assert.ok(
            lines.some((line) => fault.test(line)),
            `${fault}: ${thrown.message}`,
          );
        return true;
      },
    );
  });
}

test('a role must be complete and allowed', () => {
  const text = 'roles:\n- {container: a, role: a}\n';
  assert.throws(
    () => parseRoleFile(text, 'f', { allow: [], baseRoleArn: undefined }),
    /^PodroleError: f:2 roles\[0\]\.role: names a role without its account; .*--base-role-arn$/,
  );
  assert.throws(
    () => parseRoleFile(text, 'f', { allow: [`${BASE}app-*`], baseRoleArn: BASE }),
    /^PodroleError: f:2 roles\[0\]\.role: is a role that no pattern of --allow matches; /,
  );
  assert.equal(parseRoleFile(text, 'f', { allow: [`${BASE}?`], baseRoleArn: BASE }).length, 1);
});

test('the steps grow with the number of rules', async () => {
  await assertLinear(
    (size) => {
      const text = `roles:\n${Array.from({ length: size }, (_, at) => `- {container: a${at}, role: a}\n`).join('')}`;
      return () => parseRoleFile(text, 'f', BOUNDS);
    },
    { size: 100 },
  );
});
