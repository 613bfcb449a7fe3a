import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../testing/faults.ts';
import { parseTrustPolicy } from './policy-document.ts';
import { describeDecision, evaluateTrustPolicy } from './trust-policy.ts';

const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';
const SUB = 'oidc.example.com/one:sub';
const AUD = 'oidc.example.com/one:aud';
const AMR = 'oidc.example.com/one:amr';
const WEB = 'system:serviceaccount:shop:web';
const REQUEST = {
  action: 'sts:AssumeRoleWithWebIdentity',
  federatedPrincipal: PROVIDER,
  context: { [SUB]: WEB, [AUD]: ['sts.amazonaws.com'] },
};
const ALLOW = {
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: 'sts:AssumeRoleWithWebIdentity',
};

function decide(statement: unknown, context: Record<string, string | string[]> = REQUEST.context) {
  return evaluateTrustPolicy(parseTrustPolicy({ Statement: statement }), { ...REQUEST, context });
}

type Values = string | boolean | string[];
type Row = readonly [
  operator: string,
  key: string,
  values: Values,
  actual: string | string[] | undefined,
  holds: boolean,
];

/** [iam] "Condition operators" and "Single-valued vs. multivalued context keys". */
const conditions: readonly Row[] = [
  ['StringEquals', SUB, WEB, WEB, true],
  ['StringEquals', SUB, WEB, `${WEB}2`, false],
  ['StringEquals', SUB, WEB, WEB.toUpperCase(), false],
  ['StringEquals', SUB, ['x', WEB], WEB, true],
  ['StringEquals', SUB, 'system:serviceaccount:shop:*', WEB, false],
  ['StringEquals', SUB, WEB, undefined, false],
  ['StringEquals', SUB, '', '', true],
  ['StringEquals', SUB.toUpperCase(), WEB, WEB, true],
  ['StringNotEquals', SUB, WEB, WEB, false],
  ['StringNotEquals', SUB, WEB, 'other', true],
  ['StringNotEquals', SUB, ['other', WEB], WEB, false],
  ['StringNotEquals', SUB, WEB, undefined, true],
  ['StringEqualsIgnoreCase', SUB, WEB.toUpperCase(), WEB, true],
  ['StringEqualsIgnoreCase', SUB, WEB, 'other', false],
  ['StringEqualsIgnoreCase', SUB, WEB, undefined, false],
  ['StringNotEqualsIgnoreCase', SUB, WEB.toUpperCase(), WEB, false],
  ['StringNotEqualsIgnoreCase', SUB, WEB, 'other', true],
  ['StringNotEqualsIgnoreCase', SUB, WEB, undefined, true],
  ['StringLike', SUB, 'system:serviceaccount:shop:*', WEB, true],
  ['StringLike', SUB, 'system:serviceaccount:*:web', WEB, true],
  ['StringLike', SUB, 'system:serviceaccount:shop:we?', WEB, true],
  ['StringLike', SUB, 'system:serviceaccount:shop:web?', WEB, false],
  ['StringLike', SUB, 'system:serviceaccount:other:*', WEB, false],
  ['StringLike', SUB, 'SYSTEM:*', WEB, false],
  ['StringLike', SUB, 'system.serviceaccount.shop.web', WEB, false],
  ['StringLike', SUB, '*', '', true],
  ['StringLike', SUB, '*', undefined, false],
  ['StringNotLike', SUB, 'system:serviceaccount:shop:*', WEB, false],
  ['StringNotLike', SUB, 'system:serviceaccount:other:*', WEB, true],
  ['StringNotLike', SUB, '*', undefined, true],
  ['Null', SUB, 'true', undefined, true],
  ['Null', SUB, true, undefined, true],
  ['Null', SUB, 'true', WEB, false],
  ['Null', SUB, 'false', WEB, true],
  ['Null', SUB, false, undefined, false],
  ['Null', AMR, 'true', [], true],
  ['StringEqualsIfExists', SUB, WEB, undefined, true],
  ['StringEqualsIfExists', SUB, WEB, 'other', false],
  ['StringEqualsIfExists', SUB, WEB, WEB, true],
  ['StringLikeIfExists', SUB, 'x*', undefined, true],
  ['StringLikeIfExists', SUB, 'x*', WEB, false],
  ['StringNotEqualsIfExists', SUB, WEB, undefined, true],
  ['StringNotEqualsIfExists', SUB, WEB, WEB, false],
  ['ForAnyValue:StringEquals', AMR, ['a', 'b'], ['b', 'c'], true],
  ['ForAnyValue:StringEquals', AMR, ['a', 'b'], ['c'], false],
  ['ForAnyValue:StringEquals', AMR, 'a', undefined, false],
  ['ForAnyValue:StringEquals', AMR, 'a', [], false],
  ['ForAnyValue:StringEqualsIfExists', AMR, 'a', undefined, false],
  ['ForAnyValue:StringLike', AMR, 'a*', ['b', 'ab'], true],
  ['ForAnyValue:StringNotEquals', AMR, 'a', ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', AMR, 'a', ['a'], false],
  ['ForAnyValue:StringNotEquals', AMR, 'a', undefined, false],
  ['ForAllValues:StringEquals', AMR, ['a', 'b'], ['a', 'b'], true],
  ['ForAllValues:StringEquals', AMR, ['a', 'b'], ['a', 'c'], false],
  ['ForAllValues:StringEquals', AMR, 'a', undefined, true],
  ['ForAllValues:StringEquals', AMR, 'a', [], true],
  ['ForAllValues:StringLike', AMR, 'a*', ['ab', 'b'], false],
  ['ForAllValues:StringNotEquals', AMR, 'a', ['b', 'c'], true],
  ['ForAllValues:StringNotEquals', AMR, 'a', ['b', 'a'], false],
  ['StringEquals', AUD, 'b', ['a', 'b'], true],
  ['StringNotEquals', AUD, 'b', ['a', 'b'], false],
];
for (const [operator, key, values, actual, holds] of conditions) {
  test(`${operator} ${JSON.stringify(values)} of ${JSON.stringify(actual) ?? 'no key'} is ${holds}`, () => {
    const context = actual === undefined ? {} : { [key.toLowerCase()]: actual };
    const decision = decide({ ...ALLOW, Condition: { [operator]: { [key]: values } } }, context);
    const outcome = holds ? 'yes' : 'no';
    assert.equal(decision.outcome, outcome);
    assert.equal(decision.statements[0]?.conditions[0]?.outcome, outcome);
  });
}

const CONDITION = { StringEquals: { [SUB]: WEB, [AUD]: 'sts.amazonaws.com' } };
const other = { StringEquals: { [SUB]: 'other' } };
const statements: readonly (readonly [string, unknown, boolean])[] = [
  ['one statement', { ...ALLOW, Condition: CONDITION }, true],
  ['no condition', ALLOW, true],
  ['every key must hold', { ...ALLOW, Condition: { StringEquals: { [SUB]: WEB, [AUD]: 'x' } } }, false],
  ['every operator must hold', { ...ALLOW, Condition: { ...CONDITION, StringLike: { [SUB]: 'x*' } } }, false],
  ['one of two statements', [{ ...ALLOW, Condition: other }, ALLOW], true],
  [
    'none of two statements',
    [
      { ...ALLOW, Condition: other },
      { ...ALLOW, Condition: other },
    ],
    false,
  ],
  ['a Deny outweighs an Allow', [ALLOW, { ...ALLOW, Effect: 'Deny' }], false],
  ['a Deny before the Allow', [{ ...ALLOW, Effect: 'Deny' }, ALLOW], false],
  ['a Deny that does not match', [ALLOW, { ...ALLOW, Effect: 'Deny', Condition: other }], true],
  [
    'a Deny that lets only one through',
    [ALLOW, { ...ALLOW, Effect: 'Deny', Condition: { StringNotEquals: { [SUB]: WEB } } }],
    true,
  ],
  ['a Deny alone', { ...ALLOW, Effect: 'Deny', Condition: other }, false],
  ['several actions', { ...ALLOW, Action: ['sts:TagSession', ALLOW.Action] }, true],
  ['another action', { ...ALLOW, Action: 'sts:AssumeRole' }, false],
  ['an action in lower case', { ...ALLOW, Action: 'sts:assumerolewithwebidentity' }, true],
  ['an action with a wildcard', { ...ALLOW, Action: 'sts:AssumeRole*' }, true],
  ['every action', { ...ALLOW, Action: '*' }, true],
  ['several principals', { ...ALLOW, Principal: { Federated: ['accounts.google.com', PROVIDER] } }, true],
  ['another provider', { ...ALLOW, Principal: { Federated: `${PROVIDER}/two` } }, false],
  ['everyone', { ...ALLOW, Principal: '*' }, true],
  ['everyone, written for AWS', { ...ALLOW, Principal: { AWS: '*' } }, true],
  ['a service', { ...ALLOW, Principal: { Service: 'ec2.amazonaws.com' } }, false],
];
for (const [name, statement, allowed] of statements) {
  test(`${name}: ${allowed ? 'allowed' : 'denied'}`, () =>
    assert.equal(decide(statement).outcome, allowed ? 'yes' : 'no'));
}

test('a decision explains itself', () => {
  const decision = decide([
    { ...ALLOW, Sid: 'Shop', Condition: { StringEquals: { [SUB]: ['a', 'b'], [AUD]: 'sts.amazonaws.com' } } },
    { ...ALLOW, Action: 'sts:TagSession' },
    { ...ALLOW, Principal: { Service: 'ec2.amazonaws.com' }, Condition: { StringEquals: { [AMR]: 'x' } } },
  ]);
  assert.equal(
    describeDecision(decision),
    `denied: no Allow statement matches
Shop (Allow) does not match: 1 of 2 conditions failed
  StringEquals oidc.example.com/one:sub: expected "a" or "b", actual "system:serviceaccount:shop:web"
Statement[1] (Allow) does not match: its action is "sts:TagSession", the call is sts:AssumeRoleWithWebIdentity
Statement[2] (Allow) does not match: it names no federated principal
  StringEquals oidc.example.com/one:amr: expected "x", the request has no such key`,
  );
  assert.match(
    describeDecision(decide([ALLOW, { ...ALLOW, Effect: 'Deny', Sid: 'Stop' }])),
    /^denied by Stop\n/,
  );
  assert.match(describeDecision(decide(ALLOW)), /^allowed\nStatement\[0\] \(Allow\) matches: /);
});

const conditionOf = (Condition: unknown) => ({ Statement: { ...ALLOW, Condition } });
const statementWith = (members: object) => ({ Statement: { ...ALLOW, ...members } });
const malformed: readonly (readonly [string, unknown, readonly RegExp[]])[] = [
  ['no object', [], [/^trust policy: is not a JSON object/]],
  ['no statement', {}, [/Statement: is missing or empty/]],
  ['version', { Version: '2020-01-01', Statement: ALLOW }, [/Version: is not 2012-10-17/]],
  ['an empty statement', { Statement: {} }, [/Effect/, /Principal: is missing/, /Action: is missing/]],
  ['a statement that is a string', { Statement: 'x' }, [/Statement\[0\]: is not an object/]],
  ['an unknown element', { Statement: { ...ALLOW, Resource: '*' } }, [/Statement\[0\]\.Resource/]],
  [
    'a principal that is a string',
    { Statement: { ...ALLOW, Principal: PROVIDER } },
    [/Principal: is not \* or/],
  ],
  ['an unknown kind of principal', { Statement: { ...ALLOW, Principal: { Fed: 'x' } } }, [/Principal\.Fed/]],
  [
    'a principal that names nobody',
    statementWith({ Principal: {} }),
    [/Principal: names nobody; write \{"Fed/],
  ],
  [
    'no federated principal',
    statementWith({ Principal: { Federated: [] } }),
    [/Principal\.Federated: is empty/],
  ],
  ['no service', statementWith({ Principal: { Service: [] } }), [/Principal\.Service: is empty/]],
  [
    'an empty principal',
    statementWith({ Principal: { Federated: '' } }),
    [/Federated: contains an empty name/],
  ],
  ['a principal that is empty', statementWith({ Principal: '' }), [/Principal: is not \* or an object/]],
  ['a list of principals', statementWith({ Principal: [PROVIDER] }), [/Principal: is not \* or an object/]],
  ['a principal that is null', statementWith({ Principal: null }), [/Principal: is not \* or an object/]],
  [
    'a NotPrincipal that names nobody',
    { Statement: { Effect: 'Deny', NotPrincipal: {}, Action: ALLOW.Action } },
    [/NotPrincipal: names nobody/],
  ],
  [
    'both Principal and NotPrincipal',
    statementWith({ NotPrincipal: '*' }),
    [/NotPrincipal: excludes Principal/],
  ],
  [
    'both Action and NotAction',
    statementWith({ NotAction: 'sts:TagSession' }),
    [/NotAction: excludes Action; leave one of them out/],
  ],
  ['no action', statementWith({ Action: [] }), [/Action: is empty/]],
  ['an empty action', statementWith({ Action: '' }), [/Action: contains "", which is not SERVICE:ACTION/]],
  ['an action without service', statementWith({ Action: 'AssumeRole*' }), [/which is not SERVICE:ACTION/]],
  ['an empty list of statements', { Statement: [] }, [/Statement: is missing or empty/]],
  [
    'a member of the policy that is misspelt',
    { Statment: [], Statement: ALLOW },
    [/Statment: is not a member of a policy/],
  ],
  ['a version that is a number', { Version: 20121017, Statement: ALLOW }, [/Version: is not 2012-10-17/]],
  [
    'a value that is longer than a policy',
    conditionOf({ StringLike: { [SUB]: '*a'.repeat(2_049) } }),
    [/is longer than the 4096 characters of a policy/],
  ],
  [
    'an unknown operator',
    conditionOf({ StringEqual: { [SUB]: 'x' } }),
    [/Condition\.StringEqual: is not a condition operator/],
  ],
  [
    'Null with IfExists',
    conditionOf({ NullIfExists: { [SUB]: 'true' } }),
    [/NullIfExists: is not a condition operator/],
  ],
  ['Null of another word', conditionOf({ Null: { [SUB]: 'yes' } }), [/neither true nor false/]],
  ['an unknown claim', conditionOf({ StringEquals: { 'oidc.example.com:groups': 'x' } }), [/condition key/]],
  [
    'a key with https',
    conditionOf({ StringEquals: { 'https://oidc.example.com:sub': 'x' } }),
    [/without https/],
  ],
  ['a key with an ARN', conditionOf({ StringEquals: { [`${PROVIDER}:sub`]: 'x' } }), [/condition key/]],
  ['a key without a name', conditionOf({ StringEquals: { 'aws:': 'x' } }), [/condition key/]],
  ['a key of IAM', conditionOf({ StringEquals: { 'iam:PolicyARN': 'x' } }), [/condition key/]],
  ['Bool of another word', conditionOf({ Bool: { 'aws:SecureTransport': '1' } }), [/neither true nor false/]],
  ['not a number', conditionOf({ NumericLessThan: { 'aws:EpochTime': '1e3' } }), [/is not a number/]],
  ['not a date', conditionOf({ DateLessThan: { 'aws:CurrentTime': 'soon' } }), [/is not a date/]],
  ['not a day', conditionOf({ DateLessThan: { 'aws:CurrentTime': '2030-13-01' } }), [/is not a date/]],
  ['a value that is an object', conditionOf({ StringEquals: { [SUB]: {} } }), [/neither a string/]],
  ['no values', conditionOf({ StringEquals: { [SUB]: [] } }), [/is empty/]],
];
for (const [name, document, messages] of malformed) {
  test(`malformed: ${name}`, () => assertFaults(() => parseTrustPolicy(document), messages));
}
