import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf } from '../../testing/bind/binding.ts';
import type { Binding } from './binding.ts';
import { bindingFaults, partitionFaults } from './check-binding.ts';

const POLICY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const ROLE = 'arn:aws:iam::111122223333:role/web';
const big = {
  Statement: { Sid: 'x'.repeat(10_187), Effect: 'Allow', Action: '*', Resource: '*' },
};

const CASES: readonly (readonly [name: string, part: Partial<Binding>, problems: readonly RegExp[]])[] = [
  ['least', {}, []],
  [
    'everything',
    {
      attachPolicyArns: [POLICY],
      permissionsBoundary: 'arn:aws:iam::111122223333:policy/a/b',
      rolePath: '/a/b/',
      tags: { Größe: 'a b+c=d' },
      sessionDurationSeconds: 43_200,
      serviceAccount: 'a.b-c',
      subjectPattern: 'system:serviceaccount:shop:*',
      audience: 'vault',
    },
    [],
  ],
  ['namespace', { namespace: 'Shop' }, [/"Shop" for a namespace/]],
  ['namespace with a dot', { namespace: 'a.b' }, [/"a.b" for a namespace/]],
  ['long namespace', { namespace: 'a'.repeat(64) }, [/for a namespace/]],
  ['ServiceAccount', { serviceAccount: 'web_1' }, [/"web_1" for a ServiceAccount/]],
  ['role name', { roleName: 'a/b' }, [/"a\/b" for a role name/]],
  ['long role name', { roleName: 'a'.repeat(65) }, [/for a role name/]],
  ['role path', { rolePath: 'a/' }, [/"a\/" for a role path/]],
  ['policy', { attachPolicyArns: ['ReadOnlyAccess'] }, [/"ReadOnlyAccess" for a policy/]],
  [
    'policy of another partition',
    { attachPolicyArns: ['arn:aws-cn:iam::aws:policy/a'] },
    [/not of partition aws/],
  ],
  ['boundary that is a role', { permissionsBoundary: ROLE }, [/role\/web" for a policy/]],
  ['session', { sessionDurationSeconds: 900 }, [/session duration of 900 s/]],
  ['audience', { audience: 'a'.repeat(256) }, [/audience that is not a valid client ID/]],
  ['pattern', { subjectPattern: '*' }, [/subject pattern \*/]],
  ...['', 'shop', 'shop:', ':web', 'Shop:*', 'shop:web:*', 'shop:a..b'].map(
    (rest) =>
      [
        `pattern that nobody is like: ${rest}`,
        { subjectPattern: `system:serviceaccount:${rest}` },
        [/, which lets nobody in/],
      ] as const,
  ),
  ['pattern without a wildcard', { subjectPattern: 'system:serviceaccount:shop:web' }, []],
  [
    'inline policy',
    { inlinePolicies: [{ name: 'a b', document: [] }] },
    [/"a b" for a policy name/, /a b that is not a JSON object/],
  ],
  [
    'long inline policy',
    { inlinePolicies: [{ name: 'a', document: big }] },
    [/inline policies of 10256 characters, but IAM accepts at most 10240/],
  ],
  [
    'tags',
    {
      tags: {
        'aws:x': '1',
        A: '1',
        a: '1',
        'b!': '1',
        '': '',
        'podrole.dev/issuer': 'x',
        long: 'x'.repeat(257),
      },
    },
    [
      /prefix is reserved by AWS/,
      /"a" and "A"/,
      /"b!" with characters/,
      /"", which is not 1 to 128/,
      /"podrole.dev\/issuer", which podrole sets itself/,
      /"long" with a value longer/,
    ],
  ],
  [
    'many tags',
    { tags: Object.fromEntries(Array.from({ length: 47 }, (_, at) => [`t${at}`, ''])) },
    [/more than 46 tags/],
  ],
  ['attached', { attachRoleArn: ROLE, roleOnly: true, subjectPattern: 'system:serviceaccount:a:*' }, []],
  ['well-known policy', { wellKnown: ['vpc'] }, [/vpc for a well-known policy/]],
  ['misspelt well-known policy', { wellKnown: ['external-dsn'] }, [/policy; did you mean external-dns\?/]],
  [
    'attached and shaped',
    { attachRoleArn: ROLE, roleName: 'a', tags: { a: 'b' }, attachPolicyArns: [POLICY] },
    [/excludes role name, policy ARNs, tags/],
  ],
  ['attached, no ARN', { attachRoleArn: 'web' }, [/"web" for a role/]],
  [
    'attached, other partition',
    { attachRoleArn: 'arn:aws-cn:iam::111122223333:role/web' },
    [/not of partition aws/],
  ],
  [
    'several',
    { namespace: '', serviceAccount: '', roleName: '' },
    [/"" for a namespace/, /"" for a ServiceAccount/, /"" for a role name/],
  ],
];
for (const [name, part, problems] of CASES) {
  test(`${name}: ${problems.length} faults`, () => {
    const binding = bindingOf(part);
    const faults = [...bindingFaults(binding), ...partitionFaults(binding, 'aws')];
    const said = faults.map(({ problem }) => problem).join('\n');
    assert.equal(faults.length, problems.length, said);
    for (const problem of problems) assert.match(said, problem);
  });
}
