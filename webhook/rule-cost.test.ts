import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { ADMISSION_WARNINGS_MAX_TOTAL } from '../lib/contract/kubernetes.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { parseRolePolicy } from '../policy/document/parse-role-policy.ts';
import { toNamespaceFacts } from '../policy/namespace-facts.ts';
import { assertLinear, isOwnSource } from '../testing/cost/step-count.ts';
import { type AdmissionFacts, type ReviewResult, review } from './admission.ts';
import { webhookSettings } from './settings.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const POD_ROLE = 'iam.amazonaws.com/role';
/** The library runs what a tenant writes, too. */
const counts = (url: string) => isOwnSource(url) || url.includes('/re2js/');

interface Rules {
  readonly namespace?: Readonly<Record<string, string>>;
  readonly policy?: string;
  readonly account?: Readonly<Record<string, string>>;
  readonly format?: 'glob' | 'regexp';
  /** Role that the pod names. */
  readonly named?: string;
}

function scene({ namespace = {}, policy, account = {}, format = 'glob', named }: Rules) {
  const flags = { policy: 'enforce', podRoleAnnotation: POD_ROLE, baseRoleArn: BASE, rolePolicyFile: 'p' };
  const settings = readSettings(webhookSettings, { ...flags, namespaceRestrictionFormat: format }, {});
  const metadata = { namespace: 'shop', name: 'web', annotations: account };
  const facts = toServiceAccountFacts({ metadata }, 'eks.amazonaws.com');
  const kept = toNamespaceFacts({ metadata: { name: 'shop', annotations: namespace } });
  const parsed = policy === undefined ? undefined : parseRolePolicy(policy, 'p');
  const admission: AdmissionFacts = {
    settings,
    serviceAccounts: memorySource(facts ? [facts] : []),
    containerCredentials: () => NO_CONTAINER_CREDENTIALS,
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    rules: { settings, policy: () => parsed, namespaces: { find: async () => kept } },
    random: () => 0,
  };
  const annotations = named === undefined ? {} : { [POD_ROLE]: named };
  const pod = {
    kind: 'Pod',
    metadata: { name: 'web', annotations },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app' }] },
  };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const request = { uid: 'u', resource, operation: 'CREATE', namespace: 'shop', object: pod };
  const body = Buffer.from(
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
  );
  return () => review(body, admission);
}

const role = (at: number) => `r${at}${'a'.repeat(50)}`;
const many = (size: number, one: (at: number) => string) => Array.from({ length: size }, (_, at) => one(at));
const policyOf = (size: number) => `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
${many(size, (at) => `- {namespaces: ["*${'s*'.repeat(20)}", shop], roles: ["arn:*${'a*'.repeat(40)}b${at}"]}`).join('\n')}
`;

const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const OWN = 'podrole.dev/allowed-roles';
const HOSTILE: readonly (readonly [
  name: string,
  smallest: number,
  largest: number,
  rules: (size: number) => Rules,
])[] = [
  [
    'a long name of a role',
    500,
    250_000,
    (size) => ({ named: 'a'.repeat(size), namespace: { [PERMITTED]: '.*' } }),
  ],
  [
    'an expression that may match in many ways',
    100,
    120_000,
    (size) => ({ named: role(0), namespace: { [PERMITTED]: `${'a?'.repeat(size)}${'a'.repeat(size)}` } }),
  ],
  [
    'many groups of anything',
    50,
    60_000,
    (size) => ({ named: role(0), namespace: { [PERMITTED]: `${'(.*)'.repeat(size)}x` } }),
  ],
  [
    'globs with many stars',
    50,
    5_000,
    (size) => ({
      named: role(0),
      namespace: { [ALLOWED]: JSON.stringify(many(size, (at) => `*${'a*'.repeat(10)}b${at}`)) },
    }),
  ],
  [
    'many expressions',
    20,
    5_000,
    (size) => ({
      named: role(0),
      format: 'regexp',
      namespace: { [ALLOWED]: JSON.stringify(many(size, (at) => `(a*)*b${at}$`)) },
    }),
  ],
  [
    'patterns of the Namespace',
    50,
    20_000,
    (size) => ({
      account: { 'eks.amazonaws.com/role-arn': `${BASE}${role(0)}` },
      namespace: { [OWN]: many(size, (at) => `arn:*${'a*'.repeat(10)}b${at}`).join(' ') },
    }),
  ],
  [
    'rules of the policy file',
    50,
    1_000,
    (size) => ({ account: { 'eks.amazonaws.com/role-arn': `${BASE}${role(0)}` }, policy: policyOf(size) }),
  ],
  [
    'roles of containers',
    10,
    100,
    (size) => ({
      account: {
        'podrole.dev/container-roles': many(size, (at) => `c${at}=${BASE}${role(at)}`).join(','),
      },
      policy: policyOf(20),
    }),
  ],
];

for (const [name, smallest, largest, rules] of HOSTILE) {
  test(`linear: ${name}`, async () => {
    await assertLinear((size) => scene(rules(size)), { size: smallest, counts });
  });

  test(`bounded and refused: ${name}`, async () => {
    const answer = await scene(rules(largest))();
    const isRefused: ReviewResult[] = ['forbidden', 'warned'];
    assert.ok(isRefused.includes(answer.result), answer.result);
    assert.doesNotMatch(answer.body, /"patch"/);
    assert.ok(answer.warnings.join('').length <= ADMISSION_WARNINGS_MAX_TOTAL, 'warnings');
    assert.ok(answer.body.length < 12_000, `an answer of ${answer.body.length} characters`);
    const { subject, message, refused } = answer;
    assert.ok(JSON.stringify([subject, message, refused?.reasons]).length < 4_000, 'what is logged');
  });
}
