import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { parseRolePolicy } from '../../policy/document/parse-role-policy.ts';
import { toNamespaceFacts } from '../../policy/namespace-facts.ts';
import { policySettings } from '../../policy/settings.ts';
import { NO_CONFIG_MAP_IDENTITIES, parseIdentityConfigMap } from '../config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../container-credentials-config.ts';
import { type DecisionSettings, decideIdentity, type IdentityDecision } from '../decide-identity.ts';
import { toServiceAccountFacts } from '../service-accounts.ts';
import { identitySettings } from '../settings/identity-settings.ts';

/**
 * No spelling of a role, and no place to write it, gives a pod a role that the rules refuse. The oracle looks
 * only at the ARN that a container sees in the end, after kubelet has replaced variables in it.
 */
const ACCOUNT = '111122223333';
const BASE = `arn:aws:iam::${ACCOUNT}:role/`;
const NAMED = 'iam.amazonaws.com/role';
const OF_ACCOUNT = 'eks.amazonaws.com/role-arn';
const LIST = 'podrole.dev/container-roles';

/** Each rule, with the ARNs that it means. */
const RULES: readonly (readonly [
  title: string,
  namespace: Readonly<Record<string, string>>,
  allowed: RegExp,
  policy?: string,
])[] = [
  [
    'permitted',
    { 'iam.amazonaws.com/permitted': `(${BASE})?(shop-[a-z]+|team/[^/]+/web)` },
    /^arn:aws:iam::111122223333:role\/(shop-[a-z]+|team\/[^/]+\/web)$/,
  ],
  [
    'allowed-roles',
    { 'iam.amazonaws.com/allowed-roles': '["shop-*", "/team/*/web"]' },
    /^arn:aws:iam::111122223333:role\/(shop-.*|team\/.*\/web)$/,
  ],
  [
    'the annotation of podrole',
    { 'podrole.dev/allowed-roles': `${BASE}shop-web\n*:${ACCOUNT}:role/team/*` },
    /^arn:aws:iam::111122223333:role\/(shop-web|team\/.*)$/,
  ],
  [
    'the policy file',
    {},
    /^arn:aws:iam::111122223333:role\/shop-[^a].*$/,
    `[{namespaces: [shop], roles: ["${BASE}shop-w*"]}, {namespaces: ["shop-*"], roles: ["*"]}]`,
  ],
  ['a rule that is not a string', { 'podrole.dev/allowed-roles': JSON.parse('["*"]') }, /^$/],
  ['a rule without a word', { 'podrole.dev/allowed-roles': ' \n' }, /^$/],
];

const SPELLINGS = [
  'shop-web',
  '/shop-web',
  '//shop-web',
  './shop-web',
  `${BASE}shop-web`,
  'admin',
  'shop-admin/../admin',
  '../role/admin',
  'team/../admin',
  'team/x/web',
  'team/x/y/web',
  'team/$(X)/web',
  'team/$$(X)/web',
  'team/$(X/web',
  'team/$$/web',
  'shop-$(X)/web',
  'team/*/web',
  '*',
  '.*',
  'shop-*',
  'admin\nshop-web',
  'shop-web\n',
  'shop-web\nadmin',
  '\u2028shop-web',
  'shop-web\0admin',
  'ｓhop-web',
  'shop-wеb',
  'SHOP-WEB',
  `${BASE}admin`,
  `${BASE}ADMIN`,
  `ARN:AWS:IAM::${ACCOUNT}:ROLE/shop-web`,
  `arn:aws:IAM::${ACCOUNT}:role/shop-web`,
  `arn:aws-cn:iam::${ACCOUNT}:role/shop-web`,
  `arn:aws:iam:eu-west-1:${ACCOUNT}:role/shop-web`,
  'arn:aws:iam::999999999999:role/shop-web',
  `arn:aws:iam::999999999999:role/${BASE}shop-web`,
  `arn:aws:iam::999999999999:role/x:${ACCOUNT}:role/team/web`,
  `arn:aws:iam::999999999999:role/x/:${ACCOUNT}:role/team/x/web`,
  'arn:aws:iam::999999999999:role/team/x/web',
  `arn:aws:iam::${ACCOUNT}:role/../../999999999999:role/shop-web`,
  `arn:aws:iam::${ACCOUNT}:user/shop-web`,
  `arn:aws:sts::${ACCOUNT}:assumed-role/shop-web/s`,
  'arn:aws:iam::role/shop-web',
  ` ${BASE}shop-web`,
  `"${BASE}shop-web"`,
  `${BASE}shop-web,${BASE}admin`,
  `shop-${'a'.repeat(2_000)}`,
  '__proto__',
  'constructor',
];

const flags = { composeRoleArn: 'true', accountId: ACCOUNT };
const settings: DecisionSettings = {
  ...readSettings(identitySettings, flags, {}),
  ...readSettings(policySettings, { policy: 'enforce', podRoleAnnotation: NAMED, baseRoleArn: BASE }, {}),
};

/** Places to write a role. */
const PLACES: readonly (readonly [string, (role: string) => PlacedRole])[] = [
  ['the pod', (role) => ({ pod: { [NAMED]: role } })],
  [
    'the pod, beside an allowed role',
    (role) => ({ pod: { [NAMED]: role }, own: { [OF_ACCOUNT]: 'shop-web' } }),
  ],
  ['the ServiceAccount', (role) => ({ own: { [OF_ACCOUNT]: role } })],
  ['a container', (role) => ({ own: { [LIST]: `app=${role}` } })],
  ['the second entry of a container', (role) => ({ own: { [LIST]: `app=${BASE}shop-web,app=${role}` } })],
  ['a container, beside a pod', (role) => ({ pod: { [NAMED]: 'shop-web' }, own: { [LIST]: `a=${role}` } })],
  ['the ConfigMap', (role) => ({ configMap: JSON.stringify({ 'shop/*': { RoleARN: role } }) })],
];

interface PlacedRole {
  readonly pod?: Readonly<Record<string, string>>;
  readonly own?: Readonly<Record<string, string>>;
  readonly configMap?: string;
}

for (const [title, annotations, allowed, policy] of RULES) {
  for (const [place, write] of PLACES) {
    // The annotations of kube2iam and kiam judge only roles that a pod names.
    if (title.startsWith('permitted') || title === 'allowed-roles')
      if (!place.startsWith('the pod')) continue;
    test(`${title} and a role of ${place}`, () => {
      const wrong = SPELLINGS.filter((role) =>
        rolesSeen(decide(write(role), annotations, policy)).some((arn) => !allowed.test(arn)),
      );
      assert.deepEqual(wrong, []);
    });
  }
}

test('the roles that rules allow are given', () => {
  for (const [title, annotations, , policy] of RULES.slice(0, 4)) {
    const seen = rolesSeen(decide({ pod: { [NAMED]: 'shop-web' } }, annotations, policy));
    assert.deepEqual(seen, [`${BASE}shop-web`], title);
  }
});

function decide(
  { pod = {}, own = {}, configMap }: PlacedRole,
  annotations: Readonly<Record<string, string>>,
  rules: string | undefined,
): IdentityDecision {
  const metadata = { namespace: 'shop', name: 'web', annotations: own };
  const text = `apiVersion: podrole.dev/v1\nkind: RolePolicy\nrules: ${rules}`;
  return decideIdentity({
    namespace: 'shop',
    serviceAccountName: 'web',
    serviceAccount: toServiceAccountFacts({ metadata }, 'eks.amazonaws.com'),
    podAnnotations: pod,
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    configMap: parseIdentityConfigMap(configMap, settings).identities ?? NO_CONFIG_MAP_IDENTITIES,
    settings,
    rules: {
      namespace: toNamespaceFacts({ metadata: { name: 'shop', annotations } }),
      policy: rules === undefined ? undefined : parseRolePolicy(text, 'policy.yaml'),
    },
    random: () => 0,
  });
}

/** Returns the roles that containers see; the pod defines X. [k8s] third_party/forked/golang/expansion */
function rolesSeen({ identity }: IdentityDecision): readonly string[] {
  if (identity?.kind !== 'web-identity') return [];
  const roles = [identity.role, ...identity.containerRoles].filter((role) => role !== undefined);
  return roles.map(({ roleArn }) =>
    roleArn.replaceAll(/\$\$|\$\(X\)/g, (found) => (found === '$$' ? '$' : 'a/admin')),
  );
}
