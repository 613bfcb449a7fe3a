import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { PodroleError } from '../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { type AdmissionFacts, type ReviewAnswer, type ReviewResult, review } from './admission.ts';

const ROLE = 'arn:aws:iam::111122223333:role/web';
const account = (name: string, role: string) => {
  const annotations = { 'eks.amazonaws.com/role-arn': role };
  return (
    toServiceAccountFacts({ metadata: { namespace: 'shop', name, annotations } }, 'eks.amazonaws.com') ??
    assert.fail()
  );
};

const facts: AdmissionFacts = {
  settings: readSettings(identitySettings, {}, {}),
  serviceAccounts: memorySource([
    account('web', ROLE),
    account('default', ROLE),
    account('typo', 'arn:aws:role/x'),
  ]),
  containerCredentials: () => NO_CONTAINER_CREDENTIALS,
  configMap: () => NO_CONFIG_MAP_IDENTITIES,
  random: () => 0,
};

const PODS = { group: '', version: 'v1', resource: 'pods' };
const pod = (serviceAccountName?: unknown, metadata: object = { generateName: 'web-' }): JsonObject => ({
  kind: 'Pod',
  metadata,
  spec: {
    containers: [{ name: 'app', unknownField: 1 }],
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
  },
});

const created = (object: unknown, changes: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u-1', resource: PODS, operation: 'CREATE', namespace: 'shop', object, ...changes },
});

const ask = (body: unknown, given = facts) =>
  review(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), given);

function responseOf(answer: ReviewAnswer): JsonObject {
  const body = asObject(JSON.parse(answer.body));
  assert.deepEqual([body?.['apiVersion'], body?.['kind']], ['admission.k8s.io/v1', 'AdmissionReview']);
  return asObject(body?.['response']) ?? assert.fail('no response');
}

test('outcomes of a review', async (t) => {
  const cases: [name: string, body: unknown, result: ReviewResult, allowed: boolean][] = [
    ['an annotated ServiceAccount', created(pod('web')), 'patched', true],
    ['no ServiceAccount named: default', created(pod()), 'patched', true],
    ['an empty name: default', created(pod('')), 'patched', true],
    ['dryRun', created(pod('web'), { dryRun: true }), 'patched', true],
    [
      "the request's namespace counts",
      created(pod('web', { namespace: 'shop' }), { namespace: 'other' }),
      'unchanged',
      true,
    ],
    [
      'the mirror of a static pod',
      created(pod(undefined, { name: 'etcd', annotations: { 'kubernetes.io/config.mirror': '0' } })),
      'unchanged',
      true,
    ],
    ['an unknown ServiceAccount', created(pod('none')), 'unchanged', true],
    ['a malformed role', created(pod('typo')), 'warned', true],
    ['an update of a pod', created(pod('web'), { operation: 'UPDATE' }), 'skipped', true],
    ['a deletion', created(null, { operation: 'DELETE' }), 'skipped', true],
    [
      'another resource',
      created({}, { resource: { group: 'apps', version: 'v1', resource: 'deployments' } }),
      'warned',
      true,
    ],
    ['another subresource', created(pod('web'), { subResource: 'binding' }), 'warned', true],
    [
      'an inherited name as resource',
      created(pod('web'), { resource: { resource: 'toString' } }),
      'warned',
      true,
    ],
    ['no object', created(null), 'denied', false],
    ['a Service', created({ kind: 'Service', spec: { containers: [] } }), 'denied', false],
    ['no spec', created({ kind: 'Pod', metadata: {} }), 'denied', false],
    ['no containers', created({ kind: 'Pod', spec: {} }), 'denied', false],
    ['a ServiceAccount that is not a string', created(pod(1)), 'denied', false],
    ['a ServiceAccount name that cannot exist', created(pod('../web')), 'denied', false],
    ['a ServiceAccount with a very long name', created(pod('a'.repeat(1_000_000))), 'denied', false],
    ['no namespace', created(pod('web'), { namespace: undefined }), 'denied', false],
    ['a namespace name that cannot exist', created(pod('web'), { namespace: 'shop/web' }), 'denied', false],
  ];
  for (const [name, body, result, allowed] of cases) {
    await t.test(name, async () => {
      const answer = await ask(body);
      const response = responseOf(answer);
      assert.deepEqual([answer.status, answer.result], [200, result]);
      assert.deepEqual([response['uid'], response['allowed']], ['u-1', allowed]);
      assert.equal('patch' in response, result === 'patched');
      assert.equal('patchType' in response, result === 'patched');
      assert.equal('warnings' in response, result === 'warned');
      const status = asObject(response['status']);
      assert.equal(status?.['code'], allowed ? undefined : 400);
      assert.equal(typeof status?.['message'], allowed ? 'undefined' : 'string');
    });
  }
});

test('the patch changes the pod as the role needs it, and nothing else', async () => {
  const before = pod('web');
  const patch = asText(responseOf(await ask(created(before)))['patch']) ?? '';
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  const after = fastJsonPatch.applyPatch(structuredClone(before), operations, true).newDocument;
  const [container] = (after as { spec: { containers: JsonObject[] } }).spec.containers;
  assert.equal(container?.['unknownField'], 1);
  assert.match(JSON.stringify(container?.['env']), new RegExp(ROLE));
  assert.equal(responseOf(await ask(created(after)))['patch'], undefined, 'a second run finds nothing to do');
});

test('an ephemeral container gets the role of its pod', async () => {
  const patch = asText(responseOf(await ask(created(pod('web'))))['patch']) ?? '';
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  const running = fastJsonPatch.applyPatch(pod('web'), operations, true, false).newDocument;
  const spec = asObject(running['spec']);
  const debugged = { ...running, spec: { ...spec, ephemeralContainers: [{ name: 'debug' }] } };
  const update = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: running };
  const answer = await ask(created(debugged, update));
  assert.equal(answer.result, 'patched');
});

test('nobody is asked for the ServiceAccount of a mirror pod, which has none', async () => {
  const mirror = pod(undefined, { name: 'etcd', annotations: { 'kubernetes.io/config.mirror': '0' } });
  const find = () => Promise.reject(new Error('asked'));
  const answer = await ask(created(mirror), { ...facts, serviceAccounts: { find } });
  assert.deepEqual([answer.status, answer.result], [200, 'unchanged']);
});

test('a body without a request that could be answered is an HTTP 400', async (t) => {
  const cases: [name: string, body: unknown][] = [
    ['not JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', []],
    ['another kind', { ...created(pod('web')), kind: 'Pod' }],
    ['v1beta1', { ...created(pod('web')), apiVersion: 'admission.k8s.io/v1beta1' }],
    ['no request', { ...created(pod('web')), request: null }],
    ['no uid', created(pod('web'), { uid: '' })],
    ['a uid that is repeated at great length', created(pod('web'), { uid: 'u'.repeat(129) })],
    ['a uid that is not a string', created(pod('web'), { uid: 7 })],
  ];
  for (const [name, body] of cases) {
    await t.test(name, async () => {
      const answer = await ask(body);
      const { code, message } = JSON.parse(answer.body);
      assert.deepEqual([answer.status, code, typeof message], [400, 'INVALID_REVIEW', 'string']);
    });
  }
});

test('an internal error is not a verdict: the failurePolicy decides', async (t) => {
  const fault = new PodroleError({ code: 'LOOKUP_FAILED', object: 'o', problem: 'p', remedy: 'r' });
  const throwing = (thrown: unknown) => () => {
    throw thrown;
  };
  const cases: [name: string, broken: Partial<AdmissionFacts>, status: number, code: string][] = [
    ['look-up', { serviceAccounts: { find: () => Promise.reject(fault) } }, 503, 'LOOKUP_FAILED'],
    ['ConfigMap', { configMap: throwing(fault) }, 503, 'LOOKUP_FAILED'],
    ['a defect', { containerCredentials: throwing(new TypeError('secret detail')) }, 500, 'INTERNAL'],
  ];
  for (const [name, broken, status, code] of cases) {
    await t.test(name, async () => {
      const answer = await ask(created(pod('web')), { ...facts, ...broken });
      const body = JSON.parse(answer.body);
      assert.deepEqual([answer.status, answer.result, body.code], [status, 'failed', code]);
      assert.ok(!('response' in body) && !answer.body.includes('secret detail'));
    });
  }
});

const controller = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'u-1' };
const owned = (serviceAccount: string) =>
  pod(serviceAccount, { generateName: 'nightly-', ownerReferences: [{ ...controller, controller: true }] });
const ownerIn = async (request: object) => (await review(Buffer.from(JSON.stringify(request)), facts)).owner;

test('names the controller of a pod with warnings, since it drops them', async () => {
  assert.deepEqual(await ownerIn(created(owned('typo'))), controller);
});

test('names no controller: no warning, a dry run, kubectl debug, or a pod of a person', async () => {
  const debugged = { resource: { ...PODS }, subResource: 'ephemeralcontainers', operation: 'UPDATE' };
  assert.equal(await ownerIn(created(owned('web'))), undefined);
  assert.equal(await ownerIn(created(owned('typo'), { dryRun: true })), undefined);
  assert.equal(await ownerIn(created(owned('typo'), debugged)), undefined);
  assert.equal(await ownerIn(created(pod('typo'))), undefined);
});
