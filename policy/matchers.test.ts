import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeRole } from './complete-role.ts';
import { judgeRole } from './judge-role.ts';
import matchers from './testdata/matchers.json' with { type: 'json' };

/**
 * Verdicts of the matchers that kube2iam and kiam are built with: go-glob 1.0.0, and `regexp` of Go 1.26.
 * kube2iam joins the prefix to each pattern, and looks for an expression anywhere in the ARN. kiam puts the
 * expression between `^` and `$` (--strict-namespace-regexp). The cases include those of their own tests
 * (mappings/mapper_test.go, namespace_test.go, pkg/server/policy_test.go).
 */
const BASE = 'arn:aws:iam::123456789012:role/';

const WHOLE = 'stricter: the expression must match the whole role, not only one of its alternatives';
const ARN = 'wider: the role as it is written or its ARN must match';
const SLASH = 'wider: a slash at the start of a name or pattern is dropped, as kiam does for names';
const MALFORMED = 'stricter: a malformed rule allows nothing';

/** Cases in which podrole decides otherwise, with the reason. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'kiam * a': MALFORMED,
  'kiam .*/a a': ARN,
  'kiam ^a|b$ ax': WHOLE,
  'kiam ^a|b$ xb': WHOLE,
  'kiam a|b ab': WHOLE,
  'kiam arn:aws:iam::123456789012:role/a a': ARN,
  'kube2iam-glob ["/a"] a': SLASH,
  'kube2iam-glob ["a",1] a': MALFORMED,
  'kube2iam-glob ["a"] /a': SLASH,
  'kube2iam-regexp ["/a"] a': SLASH,
  'kube2iam-regexp ["a",1] a': MALFORMED,
  'kube2iam-regexp ["a"] /a': SLASH,
  'kube2iam-regexp ["(","a"] a': MALFORMED,
};

test('the rules of kube2iam and kiam decide as their matchers do', () => {
  const found: string[] = [];
  for (const { system, rule, role, allowed } of matchers) {
    const key = system === 'kiam' ? 'iam.amazonaws.com/permitted' : 'iam.amazonaws.com/allowed-roles';
    const roleArn = completeRole(role, BASE) ?? role;
    const refusal = judgeRole(
      { namespace: 'shop', serviceAccount: 'web', given: role, roleArn, namedBy: 'pod' },
      {
        namespace: { name: 'shop', annotations: { [key]: rule } },
        policy: undefined,
        allowedRolesFormat: system === 'kube2iam-regexp' ? 'regexp' : 'glob',
        baseRoleArn: BASE,
      },
    );
    if ((refusal === undefined) === allowed) continue;
    const difference = `${system} ${rule} ${role}`;
    found.push(difference);
    // Stricter or wider must be true of the case.
    assert.match(DIFFERENCES[difference] ?? '', allowed ? /^stricter/ : /^wider/, difference);
  }
  assert.deepEqual(found.toSorted(), Object.keys(DIFFERENCES).toSorted());
});
