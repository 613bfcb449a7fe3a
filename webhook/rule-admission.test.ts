import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { PodroleError } from '../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { parseRolePolicy } from '../policy/document/parse-role-policy.ts';
import { toNamespaceFacts } from '../policy/namespace-facts.ts';
import { type AdmissionFacts, type ReviewAnswer, type ReviewResult, review } from './admission.ts';
import { webhookSettings } from './settings.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const NAMED = 'iam.amazonaws.com/role';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'podrole.dev/allowed-roles';

const account = (name: string, annotations: Record<string, string>) =>
  toServiceAccountFacts({ metadata: { namespace: 'shop', name, annotations } }, 'eks.amazonaws.com') ??
  assert.fail();
const serviceAccounts = memorySource([
  account('plain', {}),
  account('web', { 'eks.amazonaws.com/role-arn': `${BASE}web` }),
  account('admin', { 'eks.amazonaws.com/role-arn': `${BASE}admin` }),
  account('chained', {
    'eks.amazonaws.com/role-arn': `${BASE}web`,
    'podrole.dev/sidecar': 'agent',
    'podrole.dev/target-role-arn': `${BASE}admin`,
  }),
  account('split', { 'podrole.dev/container-roles': `app=${BASE}web,side=${BASE}admin` }),
]);
const policy = parseRolePolicy(
  `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
- namespaces: [shop]
  roles: ["${BASE}web"]
`,
  'policy.yaml',
);

interface Given {
  readonly mode?: 'audit' | 'warn' | 'enforce';
  /** Annotations of the Namespace; null: it does not exist. */
  readonly namespace?: Record<string, string> | null;
  readonly hasPolicy?: boolean;
  readonly annotation?: string;
}

function factsOf({ mode = 'warn', namespace = {}, hasPolicy = true, annotation = NAMED }: Given) {
  const flags = {
    policy: mode,
    podRoleAnnotation: annotation,
    baseRoleArn: BASE,
    rolePolicyFile: 'policy.yaml',
  };
  const settings = readSettings(webhookSettings, flags, {});
  let asked = 0;
  const facts: AdmissionFacts = {
    settings,
    serviceAccounts,
    containerCredentials: () => NO_CONTAINER_CREDENTIALS,
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    rules: {
      settings,
      policy: () => (hasPolicy ? policy : undefined),
      namespaces: {
        find: async (name) => {
          asked += 1;
          return namespace ? toNamespaceFacts({ metadata: { name, annotations: namespace } }) : undefined;
        },
      },
    },
    random: () => 0,
  };
  return { facts, asked: () => asked };
}

const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u-1', controller: true };
const pod = (serviceAccountName: string, annotations: Record<string, unknown> = {}): JsonObject => ({
  kind: 'Pod',
  metadata: { name: 'web-1-x', annotations, ownerReferences: [controller] },
  spec: { serviceAccountName, containers: [{ name: 'app' }, { name: 'side' }] },
});
const reviewOf = (object: JsonObject, changes: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE',
    namespace: 'shop',
    object,
    ...changes,
  },
});
const ask = (object: JsonObject, facts: AdmissionFacts, changes: object = {}) =>
  review(Buffer.from(JSON.stringify(reviewOf(object, changes))), facts);
const responseOf = (answer: ReviewAnswer) => asObject(asObject(JSON.parse(answer.body))?.['response']) ?? {};
const patchIn = (answer: ReviewAnswer) =>
  Buffer.from(asText(responseOf(answer)['patch']) ?? '', 'base64').toString();

const named = (role: string) => pod('plain', { [NAMED]: role });
const ALLOWING = { [PERMITTED]: '.*' };

const outcomes: [
  name: string,
  pod: JsonObject,
  namespace: Record<string, string>,
  results: { readonly [mode in 'audit' | 'warn' | 'enforce']: readonly [ReviewResult, role?: string] },
][] = [
  [
    'a role that the pod names and every rule allows',
    named('web'),
    ALLOWING,
    { audit: ['patched', 'web'], warn: ['patched', 'web'], enforce: ['patched', 'web'] },
  ],
  [
    'by its ARN',
    named(`${BASE}web`),
    ALLOWING,
    { audit: ['patched', 'web'], warn: ['patched', 'web'], enforce: ['patched', 'web'] },
  ],
  [
    'a role that the pod names and permitted does not',
    named('web'),
    { [PERMITTED]: 'we' },
    { audit: ['warned'], warn: ['warned'], enforce: ['forbidden'] },
  ],
  [
    'a role that the pod names and the policy file does not allow',
    named('admin'),
    ALLOWING,
    { audit: ['warned'], warn: ['warned'], enforce: ['forbidden'] },
  ],
  [
    'a named role that is refused: the one of the ServiceAccount is not given either',
    pod('web', { [NAMED]: 'admin' }),
    ALLOWING,
    { audit: ['warned'], warn: ['warned'], enforce: ['forbidden'] },
  ],
  [
    'a role of the ServiceAccount that is allowed',
    pod('web'),
    {},
    { audit: ['patched', 'web'], warn: ['patched', 'web'], enforce: ['patched', 'web'] },
  ],
  [
    'a role of the ServiceAccount that the policy file refuses',
    pod('admin'),
    {},
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'a role of the ServiceAccount that the Namespace refuses',
    pod('web'),
    { [ALLOWED]: `${BASE}other` },
    { audit: ['patched', 'web'], warn: ['warned', 'web'], enforce: ['forbidden'] },
  ],
  [
    'the role of one container',
    pod('split'),
    {},
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'a target role that the policy file refuses',
    pod('chained'),
    {},
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'a target role that the Namespace refuses',
    pod('chained'),
    { [ALLOWED]: `${BASE}web` },
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'a target role that is allowed, and a role that assumes it which is not',
    pod('chained'),
    { [ALLOWED]: `${BASE}admin` },
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'a role that the pod names, which assumes a target role',
    pod('chained', { [NAMED]: 'web' }),
    ALLOWING,
    { audit: ['patched', 'admin'], warn: ['warned', 'admin'], enforce: ['forbidden'] },
  ],
  [
    'no role at all',
    pod('plain'),
    { [ALLOWED]: '' },
    { audit: ['unchanged'], warn: ['unchanged'], enforce: ['unchanged'] },
  ],
  [
    'an empty name',
    pod('plain', { [NAMED]: '' }),
    {},
    { audit: ['unchanged'], warn: ['unchanged'], enforce: ['unchanged'] },
  ],
];
for (const [name, object, namespace, results] of outcomes) {
  for (const mode of ['audit', 'warn', 'enforce'] as const) {
    test(`--policy=${mode}: ${name}`, async () => {
      const { facts } = factsOf({ mode, namespace });
      const answer = await ask(object, facts);
      const [result, role] = results[mode];
      const response = responseOf(answer);
      assert.deepEqual([answer.status, answer.result], [200, result], answer.body);
      assert.equal(response['allowed'], result !== 'forbidden');
      assert.equal(patchIn(answer).includes(`${BASE}${role}`), role !== undefined);
      if (role === undefined) assert.doesNotMatch(patchIn(answer), /AWS_/);
      const isRefused = Object.values(results).some(([one]) => one === 'forbidden');
      assert.equal(answer.refused !== undefined, isRefused);
      const audited = asText(asObject(response['auditAnnotations'])?.['role-refused']);
      assert.equal(
        audited?.startsWith(`policy=${mode} | ${answer.refused?.rules[0]}: `),
        isRefused || undefined,
      );
    });
  }
}

test('a refusal has code 403, its reason, and the controller to report it to', async () => {
  const { facts } = factsOf({ mode: 'enforce' });
  const answer = await ask(pod('admin'), facts);
  const status = asObject(responseOf(answer)['status']);
  assert.deepEqual([status?.['code'], status?.['reason']], [403, 'Forbidden']);
  assert.match(asText(status?.['message']) ?? '', /^podrole: .*policy\.yaml.*role\/admin/);
  assert.equal(answer.message, status?.['message']);
  assert.equal(answer.owner?.name, 'web-1');
  const { owner, refused } = await ask(pod('admin'), facts, { dryRun: true });
  assert.equal(owner, undefined, 'a dry run reports to nobody');
  assert.deepEqual(refused, answer.refused);
});

test('an ephemeral container does not get a role that is refused', async () => {
  const running = asObject(pod('admin')) ?? {};
  const debugged = {
    ...running,
    spec: { ...asObject(running['spec']), ephemeralContainers: [{ name: 'debug' }] },
  };
  const update = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: running };
  const answer = await ask(debugged, factsOf({ mode: 'enforce' }).facts, update);
  assert.deepEqual([answer.result, answer.owner], ['forbidden', undefined]);
  const name = { ...debugged, metadata: { ...asObject(pod('plain', { [NAMED]: 'admin' })['metadata']) } };
  assert.equal((await ask(name, factsOf({ mode: 'warn' }).facts, update)).result, 'warned');
});

test('a Namespace that is not known is an error, never "no rule"', async () => {
  const { facts } = factsOf({ namespace: null, hasPolicy: false });
  const fault = new PodroleError({ code: 'LOOKUP_FAILED', object: 'o', problem: 'p', remedy: 'r' });
  const failing: AdmissionFacts = {
    ...facts,
    ...(facts.rules && { rules: { ...facts.rules, namespaces: { find: () => Promise.reject(fault) } } }),
  };
  for (const broken of [facts, failing]) {
    for (const object of [named('web'), pod('web'), pod('split')]) {
      const answer = await ask(object, broken);
      assert.deepEqual([answer.status, answer.result], [503, 'failed']);
      assert.equal(JSON.parse(answer.body).code, 'LOOKUP_FAILED');
    }
  }
});

test('nobody is asked for the Namespace of a pod that has and names no role', async () => {
  const mirror = pod('web', { 'kubernetes.io/config.mirror': '0', [NAMED]: 'web' });
  for (const [object, times] of [
    [pod('plain'), 0],
    [pod('none'), 0],
    [mirror, 0],
    [pod('web'), 1],
    [pod('split'), 1],
    [named('web'), 1],
  ] as const) {
    const { facts, asked } = factsOf({ namespace: ALLOWING });
    await ask(object, facts);
    assert.equal(asked(), times, JSON.stringify(object));
  }
});

test('what a tenant writes is bounded and printable in message, log and audit annotation', async () => {
  const hostile = `\u001b]0;x\u0007${'/'.repeat(100_000)}\n`;
  for (const [object, namespace] of [
    [named(hostile), { [PERMITTED]: 'a' }],
    [named('web'), { [PERMITTED]: `(${hostile}` }],
    [pod('web'), { [ALLOWED]: hostile }],
  ] as const) {
    const { facts } = factsOf({ mode: 'enforce', namespace, hasPolicy: false });
    const answer = await ask(object, facts);
    const said = JSON.stringify([answer.message, answer.refused, answer.warnings, responseOf(answer)]);
    assert.ok(said.length < 5_000, `${said.length} characters`);
    assert.doesNotMatch(said, /\\u00|\\n/);
  }
});
