import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { NO_CONFIG_MAP_IDENTITIES } from '../config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../container-credentials-config.ts';
import { decideIdentity } from '../decide-identity.ts';
import { toServiceAccountFacts } from '../service-accounts.ts';
import { identitySettings } from '../settings/identity-settings.ts';

const PREFIX = 'eks.amazonaws.com';
const ROLE = 'arn:aws:iam::111122223333:role/web';
const LARGE = 'x'.repeat(250_000);

/** Settings by which every name would be completed to a role. */
const settings = readSettings(identitySettings, { composeRoleArn: 'true', accountId: '111122223333' }, {});

function decide(
  annotations: Readonly<Record<string, string>>,
  podAnnotations: Readonly<Record<string, string>> = {},
) {
  const metadata = { namespace: 'shop', name: 'web', annotations };
  const { identity, warnings } = decideIdentity({
    namespace: 'shop',
    serviceAccountName: 'web',
    serviceAccount: toServiceAccountFacts({ metadata }, PREFIX),
    podAnnotations,
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    configMap: { ...NO_CONFIG_MAP_IDENTITIES, find: () => assert.fail('the ConfigMap must not stand in') },
    settings,
    random: () => 0,
  });
  if (identity === undefined) return { warnings };
  assert.equal(identity.kind, 'web-identity');
  return identity.kind === 'web-identity' ? { identity, warnings } : assert.fail();
}

test('an annotation that is too long gives no role, never another role, and a warning', () => {
  const tooLong: [name: string, annotations: Readonly<Record<string, string>>, warning: RegExp][] = [
    ['a role', { [`${PREFIX}/role-arn`]: `${ROLE}${LARGE}` }, /role-arn is "arn.*not a role ARN/],
    ['a role name to be completed', { [`${PREFIX}/role-arn`]: LARGE }, /role-arn is "xxx.*not a role ARN/],
    [
      'roles of containers, beside one of the pod',
      { [`${PREFIX}/role-arn`]: ROLE, [PODROLE_ANNOTATION.containerRoles]: `app=${ROLE},${LARGE}` },
      /container-roles has more than .* no role at all/,
    ],
    [
      'the audience of the token',
      { [`${PREFIX}/role-arn`]: ROLE, [`${PREFIX}/audience`]: LARGE },
      /audience has more than 1024 characters, and no role was injected; write a shorter one/,
    ],
  ];
  for (const [name, annotations, warning] of tooLong) {
    const { identity, warnings } = decide(annotations);
    assert.equal(identity, undefined, name);
    assert.equal(warnings.length, 1, name);
    assert.match(warnings[0] ?? '', warning, name);
  }
});

test('if the role of the pod is too long, containers keep their own roles', () => {
  const annotations = { [`${PREFIX}/role-arn`]: LARGE, [PODROLE_ANNOTATION.containerRoles]: `app=${ROLE}` };
  const { identity } = decide(annotations);
  assert.equal(identity?.role, undefined);
  assert.deepEqual(
    identity?.containerRoles.map(({ roleArn }) => roleArn),
    [ROLE],
  );
});

test('a word that is too long counts like any unknown word', () => {
  const words = {
    [`${PREFIX}/sts-regional-endpoints`]: `false${LARGE}`,
    // Cut, it would be another number.
    [`${PREFIX}/token-expiration`]: `${'0'.repeat(300)}7200`,
    [PODROLE_ANNOTATION.sessionName]: `pod${LARGE}`,
  };
  const { identity, warnings } = decide({ [`${PREFIX}/role-arn`]: ROLE, ...words });
  assert.equal(identity?.role?.roleArn, ROLE);
  assert.equal(identity?.role?.token.expirationSeconds, 86_400);
  assert.equal(identity?.regionalSts, settings.stsRegionalEndpoint);
  assert.equal(identity?.sessionName, undefined);
  assert.match(warnings.join(), /session-name is "podx.*has no effect/);
});

test('a list of containers that is too long to be read gives no role', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(',');
  const lists = [
    `${PREFIX}/skip-containers`,
    PODROLE_ANNOTATION.includeContainers,
    PODROLE_ANNOTATION.injected,
  ];
  for (const key of lists) {
    const { identity, warnings } = decide({ [`${PREFIX}/role-arn`]: ROLE }, { [key]: names });
    assert.equal(identity, undefined, key);
    assert.deepEqual(warnings, [
      `this Pod: annotation ${key} has more than 65536 characters, and no AWS identity was injected; ` +
        'write a shorter one',
    ]);
  }
});
