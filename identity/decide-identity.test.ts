import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { NO_CONFIG_MAP_IDENTITIES } from './config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from './container-credentials-config.ts';
import { decideIdentity } from './decide-identity.ts';
import { toServiceAccountFacts } from './service-accounts.ts';
import { identitySettings } from './settings/identity-settings.ts';

const KEYS = [
  ...['role-arn', 'audience', 'token-expiration', 'sts-regional-endpoints', 'skip-containers', 'rolearn'].map(
    (name) => `eks.amazonaws.com/${name}`,
  ),
  ...Object.values(PODROLE_ANNOTATION),
];
const settings = readSettings(identitySettings, {}, {});

test('any annotations lead to a decision, and each warning is one line under 256 characters', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ maxLength: 500 }),
    fc.constantFrom('pod', 'a=arn:aws:iam::111122223333:role/a,b', 'arn:aws:iam::111122223333:role/a'),
    fc.string({ unit: fc.constantFrom(',', '=', 'a', '"', ' ', '\n', 'ß'), maxLength: 80 }),
  );
  const annotations = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...KEYS), value));
  const names = fc.record({
    namespace: fc.constantFrom('shop', 'n'.repeat(63)),
    name: fc.constantFrom('web', 's'.repeat(253)),
  });
  fc.assert(
    fc.property(names, annotations, annotations, ({ namespace, name }, own, podAnnotations) => {
      const { identity, warnings } = decideIdentity({
        namespace,
        serviceAccountName: name,
        serviceAccount: toServiceAccountFacts(
          { metadata: { namespace, name, annotations: own } },
          settings.annotationPrefix,
        ),
        podAnnotations,
        containerCredentials: NO_CONTAINER_CREDENTIALS,
        configMap: NO_CONFIG_MAP_IDENTITIES,
        settings,
        random: () => 0,
      });
      for (const warning of warnings) {
        assert.match(warning, /^[ -~]{1,255}$/);
        assert.match(warning, /; (write|add|did you mean|remove|the only valid value) /);
      }
      const roles = identity?.kind === 'web-identity' ? [identity.role, ...identity.containerRoles] : [];
      for (const role of roles) if (role) assert.match(role.roleArn, /^arn:aws/);
    }),
    { numRuns: 500 },
  );
});
