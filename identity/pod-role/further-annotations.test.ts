import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideInNamespace } from '../../testing/identity/decide-in-namespace.ts';

const ROLE = 'iam.amazonaws.com/role';
const SESSION = 'iam.amazonaws.com/session-name';
const EXTERNAL_ID = 'iam.amazonaws.com/external-id';
const OWN = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/own' };

for (const [what, pod, sessionName, warning] of [
  ['the session is named', { [SESSION]: 'shop-web' }, { name: 'shop-web' }],
  ['with every kind of character', { [SESSION]: 'a_b+c=d,e.f@g-h' }, { name: 'a_b+c=d,e.f@g-h' }],
  ['an empty name is absent', { [SESSION]: '' }, undefined],
  [
    'one character is too short',
    { [SESSION]: 'a' },
    undefined,
    /is "a", which STS does not accept, and has no effect/,
  ],
  ['65 characters are too long', { [SESSION]: 'a'.repeat(65) }, undefined, /which STS does not accept/],
  ['a variable is not expanded', { [SESSION]: '$(AWS_SECRET)' }, undefined, /which STS does not accept/],
  ['a line break after it', { [SESSION]: 'web\n' }, undefined, /which STS does not accept/],
  ['a number', { [SESSION]: 12 }, undefined, /session-name is not a string/],
  ['podrole.dev/session-name wins', { [SESSION]: 'web', 'podrole.dev/session-name': 'pod' }, 'pod'],
  ['an empty one does not', { [SESSION]: 'web', 'podrole.dev/session-name': '' }, { name: 'web' }],
  [
    'nor does an unknown one',
    { [SESSION]: 'web', 'podrole.dev/session-name': 'x' },
    { name: 'web' },
    /the only valid value is pod/,
  ],
] as const) {
  test(`session name: ${what}`, () => {
    for (const given of [{ pod: { ...pod, [ROLE]: 'web' } }, { pod, serviceAccount: OWN }]) {
      const { identity, warnings } = decideInNamespace(given);
      assert.ok(identity?.kind === 'web-identity');
      assert.deepEqual(identity.sessionName, sessionName);
      if (warning) assert.match(warnings.join('\n'), warning);
      else assert.deepEqual(warnings, []);
    }
  });
}

test('session name: that of the ServiceAccount wins too', () => {
  const serviceAccount = { ...OWN, 'podrole.dev/session-name': 'pod' };
  const { identity } = decideInNamespace({ pod: { [SESSION]: 'web' }, serviceAccount });
  assert.equal(identity?.kind === 'web-identity' && identity.sessionName, 'pod');
});

test('without the option, the annotations of kiam name no session', () => {
  const { identity } = decideInNamespace({
    pod: { [SESSION]: 'web', [EXTERNAL_ID]: 'x' },
    serviceAccount: OWN,
    flags: { podRoleAnnotation: '' },
  });
  assert.equal(identity?.kind === 'web-identity' && identity.sessionName, undefined);
});

test('an external ID has no effect, and the warning does not repeat it', () => {
  const { identity, warnings } = decideInNamespace({ pod: { [ROLE]: 'web', [EXTERNAL_ID]: 'very-secret' } });
  assert.equal(identity?.kind, 'web-identity');
  assert.deepEqual(warnings, [
    'this Pod: annotation iam.amazonaws.com/external-id has no effect, since a role that trusts the ' +
      'ServiceAccount needs no external ID; remove it, and do not demand sts:ExternalId in the trust ' +
      'statement for the ServiceAccount',
  ]);
});

for (const [written, meant] of [
  ['iam.amazonaws.com/roles', ROLE],
  ['iam.amazon.com/role', ROLE],
  ['iam.amazonaws.com/Role', ROLE],
  ['iam.amazonaws.org/role', ROLE],
  ['aim.amazonaws.com/role', ROLE],
  ['iam.amazonaws.com/session-names', SESSION],
  ['iam.amazonaws.com/externalid', EXTERNAL_ID],
] as const) {
  test(`${written} is a misspelling if pods can name a role`, () => {
    const { identity, warnings } = decideInNamespace({ pod: { [written]: 'web' } });
    assert.equal(identity, undefined);
    assert.deepEqual(warnings, [`this Pod: annotation "${written}" has no effect; did you mean ${meant}`]);
  });
}

test('a short annotation that was chosen makes no other one a misspelling', () => {
  const flags = { podRoleAnnotation: 'role' };
  const { warnings } = decideInNamespace({ pod: { name: 'x', app: 'y', roles: 'z', tier: 'web' }, flags });
  assert.deepEqual(warnings, []);
});
