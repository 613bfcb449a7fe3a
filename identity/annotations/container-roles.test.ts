import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { decideRoles } from '../roles.ts';
import { identitySettings } from '../settings/identity-settings.ts';

const R = 'arn:aws:iam::111122223333:role';

function decide(list: string, given: Readonly<Record<string, string>> = {}) {
  const roles = decideRoles({
    object: 'ServiceAccount shop/web',
    annotations: { 'eks.amazonaws.com/role-arn': `${R}/pod`, 'podrole.dev/container-roles': list },
    audience: 'sts.amazonaws.com',
    expirationSeconds: 86_400,
    settings: readSettings(identitySettings, given, {}),
  });
  return roles ?? assert.fail('the annotations name roles');
}

const UNCLEAR: Readonly<Record<string, readonly string[]>> = {
  'something other than a comma separates': [
    `a=${R}/x;b=${R}/y`,
    `a=${R}/x\nb=${R}/y`,
    `a=${R}/x b=${R}/y`,
    `a=${R}/x\tb=${R}/y`,
    `a=${R}/x|b=${R}/y`,
    `a=${R}/x&b=${R}/y`,
    `a=${R}/xb=${R}/y`,
  ],
  'the entry is not CONTAINER=ROLE': [
    'a',
    `a:${R}/x`,
    `A=${R}/x`,
    `a ${R}/x`,
    `"a"=${R}/x`,
    `=${R}/x`,
    `{"a":"${R}/x"}`,
    `a-=${R}/x`,
  ],
};
for (const [why, lists] of Object.entries(UNCLEAR)) {
  test(`no container gets the role of the pod if ${why}, and one warning shows the entry`, () => {
    for (const list of lists.flatMap((entry) => [entry, `${entry},c=${R}/z`, `c=${R}/z, ${entry}`])) {
      const { role, containerRoles, withheld, warnings } = decide(list);
      assert.deepEqual([role, containerRoles, withheld], [undefined, [], []], list);
      assert.equal(warnings.length, 1, list);
      assert.match(
        warnings[0] ?? '',
        /container-roles gives the pod no role at all, since its entry ".+" is/,
      );
      assert.ok(warnings[0]?.endsWith('; write CONTAINER=ROLE,CONTAINER=ROLE'), warnings[0]);
    }
  });
}

test('nor if names are completed to ARNs', () => {
  const given = { composeRoleArn: 'true', accountId: '111122223333' };
  for (const list of ['a=x;b=y', 'a=x b=y', 'a=x|b=y', 'a:x,b=y', 'a=x\nb=y', `a=x;b=${R}/y`])
    assert.deepEqual([decide(list, given).role, decide(list, given).containerRoles], [undefined, []], list);
});

test('white space around entries is ignored; roles with a path or unusual characters are kept', () => {
  const { role, containerRoles, warnings } = decide(` a = ${R}/team/x=+.@-_ ,\n b=${R}/y,, `);
  assert.equal(role?.roleArn, `${R}/pod`);
  assert.deepEqual(
    containerRoles.map(({ container, roleArn }) => [container, roleArn]),
    [
      ['a', `${R}/team/x=+.@-_`],
      ['b', `${R}/y`],
    ],
  );
  assert.deepEqual(warnings, []);
});

test('a malformed role is withheld only from its own container', () => {
  const { role, containerRoles, withheld } = decide(`a=logs,b=${R}/y,c=`);
  assert.equal(role?.roleArn, `${R}/pod`);
  assert.deepEqual(
    containerRoles.map(({ container }) => container),
    ['b'],
  );
  assert.deepEqual(withheld, ['a', 'c']);
});
