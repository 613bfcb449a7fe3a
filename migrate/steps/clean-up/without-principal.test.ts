import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPrincipal } from './without-principal.ts';

const PROXY = 'arn:aws:iam::111122223333:role/kube2iam';
const OTHER = 'arn:aws:iam::111122223333:role/other';
const allow = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});
const PODROLE = allow({ Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com' });

/** Statements before, and after; undefined: nobody would be left. `same`: the very same policy. */
const CASES: Readonly<
  Record<string, readonly [before: unknown, after: readonly unknown[] | 'same' | undefined]>
> = {
  'a statement for the proxy alone': [[allow({ AWS: PROXY }), PODROLE], [PODROLE]],
  'a list of the proxy alone': [[PODROLE, allow({ AWS: [PROXY] })], [PODROLE]],
  'the proxy among others': [
    [allow({ AWS: [OTHER, PROXY] }, { Sid: 'Both' }), PODROLE],
    [allow({ AWS: [OTHER] }, { Sid: 'Both' }), PODROLE],
  ],
  'the proxy twice': [[allow({ AWS: [PROXY, PROXY] }), PODROLE], [PODROLE]],
  'a service beside it': [
    [allow({ AWS: PROXY, Service: 'ec2.amazonaws.com' })],
    [allow({ Service: 'ec2.amazonaws.com' })],
  ],
  'an external ID': [
    [allow({ AWS: PROXY }, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }), PODROLE],
    [PODROLE],
  ],
  'two statements': [
    [allow({ AWS: PROXY }), allow({ AWS: PROXY }, { Action: 'sts:TagSession' }), PODROLE],
    [PODROLE],
  ],
  'nobody else': [[allow({ AWS: PROXY })], undefined],
  'a single statement that is not in a list': [allow({ AWS: PROXY }), undefined],
  'only a denial left': [[allow({ AWS: PROXY }), { ...PODROLE, Effect: 'Deny' }], undefined],
  'a denial of the proxy': [[{ ...allow({ AWS: PROXY }), Effect: 'Deny' }, PODROLE], 'same'],
  everybody: [[allow('*'), PODROLE], 'same'],
  'everybody of AWS': [[allow({ AWS: '*' }), PODROLE], 'same'],
  'the whole account': [[allow({ AWS: 'arn:aws:iam::111122223333:root' }), PODROLE], 'same'],
  'everybody but it': [[{ Effect: 'Allow', NotPrincipal: { AWS: PROXY }, Action: '*' }, PODROLE], 'same'],
  'a longer name': [[allow({ AWS: `${PROXY}-2` }), PODROLE], 'same'],
  'statements that are not objects': [[null, 7, 'x', PODROLE], 'same'],
  'no statement': [undefined, 'same'],
};
for (const [name, [Statement, after]] of Object.entries(CASES)) {
  test(`the principal goes, the rest stays: ${name}`, () => {
    const policy = { Version: '2012-10-17', Id: 'x', Statement };
    const result = withoutPrincipal(policy, PROXY);
    if (after === 'same') assert.equal(result, policy);
    else assert.deepEqual(result, after && { Version: '2012-10-17', Id: 'x', Statement: after });
  });
}
