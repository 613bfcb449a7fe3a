import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeEntry } from '../../../bind/trust/judge-entry.ts';
import {
  AUDIT_ISSUER,
  AUDIT_PROVIDER,
  auditFacts,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
} from '../../../testing/doctor/audit-facts.ts';
import { joinGrants } from './join-grants.ts';

const IDS = ['shop/web', 'shop/api', 'shop/web-2', 'ops/web', 'ops/api', 'kube-system/default'];
const OTHER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/two';

const KEYS = ['sub', 'aud', 'SUB']
  .map((claim) => `oidc.example.com/one:${claim}`)
  .concat(['https://oidc.example.com/one:sub']);

const subject = fc.constantFrom(
  ...IDS.map((id) => `system:serviceaccount:${id.replace('/', ':')}`),
  ...[
    'system:serviceaccount:shop:*',
    'system:serviceaccount:*:web',
    '*',
    'system:*:?eb',
    // Variables, one of them within a pattern.
    `system:serviceaccount:\${aws:PrincipalTag/team}:web`,
    `system:serviceaccount:shop:\${*}`,
    'SYSTEM:serviceaccount:ops:api',
  ],
  ...['system:serviceaccount:sho?:web', 'nobody', 'system:serviceaccount:shop:web*', '*web'],
);
const values = (of: fc.Arbitrary<string>) => fc.oneof(of, fc.array(of, { minLength: 1, maxLength: 3 }));
const operator = fc.constantFrom(
  ...['StringEquals', 'StringLike', 'StringEqualsIgnoreCase', 'StringNotEquals', 'StringNotLike'],
  ...['StringLikeIfExists', 'ForAnyValue:StringEquals', 'ForAllValues:StringLike', 'StringUnheardOf'],
);
const condition = fc.record({
  operator,
  key: fc.constantFrom(...KEYS),
  values: values(fc.oneof(subject, fc.constant('sts.amazonaws.com'))),
});
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    isNot: fc.constantFrom(false, false, false, true),
    principal: fc.constantFrom<unknown>(
      ...[{ Federated: AUDIT_PROVIDER }, { Federated: [OTHER, AUDIT_PROVIDER] }, { Federated: OTHER }, '*'],
      { AWS: '*' },
    ),
    Action: fc.constantFrom<unknown>(
      ...[
        'sts:AssumeRoleWithWebIdentity',
        'sts:*',
        ['sts:AssumeRole', 'sts:assumerolewithwebidentity'],
        'sts:AssumeRole',
      ],
    ),
    conditions: fc.array(condition, { maxLength: 3 }),
  })
  .map(({ conditions, isNot, principal, ...rest }) => ({
    ...rest,
    ...(isNot ? { NotPrincipal: principal } : { Principal: principal }),
    Condition: Object.fromEntries(
      [...Map.groupBy(conditions, (each) => each.operator)].map(([name, same]) => [
        name,
        Object.fromEntries(same.map(({ key, values: of }) => [key, of])),
      ]),
    ),
  }));
const VERDICTS = { yes: 'allowed', restricted: 'restricted' } as const;
const policy = fc.array(statement, { minLength: 1, maxLength: 3 }).map((Statement) => ({ Statement }));

test('the grants are those that the evaluation of every trust policy for every ServiceAccount gives', () => {
  const pairs = fc.record({
    policies: fc.array(policy, { minLength: 1, maxLength: 4 }),
    annotated: fc.array(fc.nat(5), { minLength: IDS.length, maxLength: IDS.length }),
  });
  fc.assert(
    fc.property(pairs, ({ policies, annotated }) => {
      const roles = policies.map((trustPolicy, at) => auditRole(`r${at}`, {}, { trustPolicy }));
      const serviceAccounts = IDS.map((id, at) =>
        auditServiceAccount(id, annotated[at] === 0 ? auditRoleArn('r0') : undefined),
      );
      const facts = auditFacts({ cluster: { serviceAccounts }, iam: { roles } });
      const found = joinGrants(facts)
        .grants.filter(({ verdict }) => verdict !== 'refused')
        .map((grant) => `${grant.verdict} ${grant.namespace}/${grant.serviceAccount} ${grant.roleArn}`);
      const expected = roles.flatMap((role) =>
        IDS.flatMap((id) => {
          const entry = {
            issuer: AUDIT_ISSUER,
            providerArn: AUDIT_PROVIDER,
            subject: `system:serviceaccount:${id.replace('/', ':')}`,
            isPattern: false,
            audience: 'sts.amazonaws.com',
          };
          const { outcome } = judgeEntry(role.trustPolicy, entry, facts.collectedAt);
          return outcome === 'no' ? [] : [`${VERDICTS[outcome]} ${id} ${role.arn}`];
        }),
      );
      assert.deepEqual(found.sort(), expected.sort());
    }),
    { numRuns: 500 },
  );
});
