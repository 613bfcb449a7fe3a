import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsChain, chainRole, DENIED, READ_POLICY } from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import type { RoleFactsOfDoctor } from '../../facts/aws-facts.ts';
import { permissions } from './permissions.ts';

type Policy = Extract<RoleFactsOfDoctor['policies'], { state: 'read' }>['value'][number];

const policy = (document: unknown, kind: Policy['kind'] = 'inline', name = 'own'): Policy => ({
  name,
  kind,
  document: read(document),
});
const OWN = policy(READ_POLICY);
const EDGE = 'arn:aws:iam::111122223333:policy/edge';
const ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
const DENY_ALL = { Sid: 'Stop', Effect: 'Deny', Action: ['*'], Resource: ['*'] };
const REVOKED = {
  ...DENY_ALL,
  Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' } },
};
const boundary = (document: unknown) => policy(document, 'boundary', EDGE);

const CASES: readonly (readonly [
  name: string,
  policies: readonly Policy[],
  codes: readonly (string | undefined)[],
])[] = [
  ['a policy', [OWN], [undefined]],
  ['a policy within a boundary', [OWN, boundary(READ_POLICY)], [undefined]],
  ['no policy', [], ['ROLE_WITHOUT_POLICIES']],
  ['no policy, and a boundary', [boundary(READ_POLICY)], ['ROLE_WITHOUT_POLICIES']],
  ['policies without an Allow', [policy({ Statement: [] }), policy(null)], ['ROLE_ALLOWS_NOTHING']],
  [
    'only a narrow Deny',
    [policy({ Statement: { ...DENY_ALL, Resource: 'arn:aws:s3:::a' } })],
    ['ROLE_ALLOWS_NOTHING'],
  ],
  ['one that cannot be read', [{ name: EDGE, kind: 'managed', document: DENIED }], [undefined]],
  ['a Deny of everything', [OWN, policy({ Statement: [DENY_ALL] })], ['ROLE_DENIES_EVERYTHING']],
  ['revoked sessions', [OWN, policy({ Statement: REVOKED })], ['ROLE_DENIES_CONDITIONALLY']],
  [
    'a Deny in the boundary',
    [OWN, boundary({ Statement: [READ_POLICY.Statement[0], DENY_ALL] })],
    ['ROLE_DENIES_EVERYTHING'],
  ],
  [
    'a boundary that is gone',
    [OWN, { name: EDGE, kind: 'boundary', document: ABSENT }],
    ['BOUNDARY_MISSING'],
  ],
  ['a boundary that allows nothing', [OWN, boundary({ Statement: [] })], ['BOUNDARY_ALLOWS_NOTHING']],
  ['a boundary that allows everything', [OWN, boundary({ Statement: ALL })], ['BOUNDARY_WITHOUT_EFFECT']],
  ['a boundary that cannot be read', [OWN, { name: EDGE, kind: 'boundary', document: DENIED }], [undefined]],
  [
    'several faults, the Deny first',
    [policy({ Statement: [DENY_ALL] }), { name: EDGE, kind: 'boundary', document: ABSENT }],
    ['ROLE_DENIES_EVERYTHING', 'ROLE_ALLOWS_NOTHING', 'BOUNDARY_MISSING'],
  ],
];
for (const [name, policies, codes] of CASES) {
  test(`${name}: ${codes.join(', ') || 'ok'}`, () => {
    const found = permissions.judge(
      awsChain({ aws: { role: read(chainRole({ policies: read(policies) })) } }),
    );
    assert.deepEqual(
      found.map(({ code }) => code),
      codes,
    );
    assert.ok(found.every(({ state, code }) => state === (code ? 'warning' : 'ok')));
  });
}

test('every policy is named', () => {
  const [{ details }] = permissions.judge(
    awsChain({ aws: { role: read(chainRole({ policies: read([OWN, boundary(READ_POLICY)]) })) } }),
  );
  assert.deepEqual(details, ['inline policy own', `permissions boundary ${EDGE}`]);
});

test('what cannot be read is unknown', () => {
  const unread = [{ role: DENIED }, { role: ABSENT }, { role: read(chainRole({ policies: DENIED })) }];
  for (const aws of unread) assert.equal(permissions.judge(awsChain({ aws }))[0].state, 'unknown');
  assert.equal(permissions.judge(awsChain({ chain: { grant: undefined } }))[0].state, 'unknown');
});
