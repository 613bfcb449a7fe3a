import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../chain/finding.ts';
import { findingsOf } from '../chain/findings-of.ts';
import { LINK_IDS } from '../link-ids.ts';
import { linkStates, stateOf } from './chain-state.ts';

const { ok, unknown } = findingsOf('token');
const fine = ok('token', 'is valid');
const notAsked = unknown('token', { state: 'not asked', why: 'an audit only reads lists' });
const denied = unknown('token', {
  state: 'denied',
  needs: 'create serviceaccounts/token',
  said: 'forbidden',
});
const otherAccount = findingsOf('role').unknown('role r', { state: 'not asked', why: 'another account' });
const broken: Finding = { ...fine, state: 'broken' };
const warning: Finding = { ...fine, state: 'warning' };
const chain = { cluster: 'c', namespace: 'n', serviceAccount: 's', container: undefined, roleArn: 'r' };

for (const [name, findings, ofChain, ofLink] of [
  ['in order', [fine], 'ok', 'ok'],
  ['not asked for', [notAsked], 'ok', 'skipped'],
  ['denied', [fine, denied], 'unknown', 'unknown'],
  ['a warning', [fine, warning, denied], 'warning', 'warning'],
  ['broken', [warning, fine, broken], 'broken', 'broken'],
  ['not judged', [], 'ok', 'skipped'],
] as const) {
  test(`a chain with a link that is ${name} is ${ofChain}, and the link ${ofLink}`, () => {
    assert.equal(stateOf({ ...chain, findings }), ofChain);
    assert.equal(linkStates(findings).find(({ id }) => id === 'token')?.state, ofLink);
  });
}

test('a role that was not asked for is a gap', () => {
  assert.equal(stateOf({ ...chain, findings: [fine, otherAccount] }), 'unknown');
});

test('the links are in their order, whatever the order of the findings is', () => {
  const findings = LINK_IDS.toReversed().map((link) => ({ ...fine, link }));
  assert.deepEqual(
    linkStates(findings).map(({ id }) => id),
    LINK_IDS,
  );
});
