import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { ApiChange } from '../../../kubernetes/api-client.ts';
import { asObject } from '../../../lib/json/json.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import {
  ADMISSION,
  applyShipped,
  HAS_POLICY,
  messageIn,
  readObject,
  stealToken,
} from '../../setup/webhook/stolen-token.ts';

/**
 * Attacks with a stolen webhook token on the webhook configuration: the shipped manifests in a real API
 * server. RBAC lets the token patch it; the ValidatingAdmissionPolicy allows only changes of caBundle.
 */
const REGISTRATION = `${ADMISSION}/mutatingwebhookconfigurations/podrole`;
const POLICY = `${ADMISSION}/validatingadmissionpolicies/podrole-webhook-certificate`;
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
await applyShipped(cluster);
const { send, applyByForce, stop } = await stealToken(cluster);
after(stop);
const authority = await createAuthority('podrole-webhook-ca test');
const AUTHORITY = Buffer.from(authority.cert).toString('base64');

const json = (
  ...operations: readonly (readonly [op: string, path: string, value?: unknown])[]
): ApiChange => ({
  method: 'PATCH',
  path: REGISTRATION,
  patchType: 'application/json-patch+json',
  body: operations.map(([op, at, value]) => ({ op, path: at, ...(value === undefined ? {} : { value }) })),
});
const merge = (body: unknown): ApiChange => ({
  method: 'PATCH',
  path: REGISTRATION,
  patchType: 'application/merge-patch+json',
  body,
});
const strategic = (body: unknown): ApiChange => ({
  ...merge(body),
  patchType: 'application/strategic-merge-patch+json',
});

const NAMES = ['pods.podrole.dev', 'required.pods.podrole.dev'];
const EVERYTHING = [
  { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'], scope: '*' },
];
const elsewhere = { url: 'https://attacker.example.test/', caBundle: AUTHORITY };
const another = (name: string, rest: object = {}) => ({
  name,
  clientConfig: elsewhere,
  rules: EVERYTHING,
  sideEffects: 'NoneOnDryRun',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Ignore',
  ...rest,
});

const attacks: Readonly<Record<string, ApiChange>> = {
  'another address for everything': json(
    ['replace', '/webhooks/0/clientConfig', elsewhere],
    ['replace', '/webhooks/0/rules', EVERYTHING],
  ),
  'another address': json(['replace', '/webhooks/0/clientConfig', elsewhere]),
  'another address of the second': json(['replace', '/webhooks/1/clientConfig', elsewhere]),
  'everything to the same address': json(['replace', '/webhooks/1/rules', EVERYTHING]),
  'another Service': json(['replace', '/webhooks/0/clientConfig/service/name', 'mine']),
  'a Service of another namespace': json(['replace', '/webhooks/0/clientConfig/service/namespace', 'shop']),
  'another path': json(['replace', '/webhooks/0/clientConfig/service/path', '/x']),
  'another port': json(['replace', '/webhooks/0/clientConfig/service/port', 8443]),
  'one more webhook': json(['add', '/webhooks/-', another('x.podrole.dev')]),
  'one more webhook by its name': strategic({ webhooks: [another('x.podrole.dev')] }),
  'a removed webhook': json(['remove', '/webhooks/1']),
  'no webhook': json(['remove', '/webhooks']),
  'another name': json(['replace', '/webhooks/0/name', 'x.podrole.dev']),
  'another order': { ...json(), body: [{ op: 'move', from: '/webhooks/1', path: '/webhooks/0' }] },
  failurePolicy: json(['replace', '/webhooks/1/failurePolicy', 'Ignore']),
  namespaceSelector: json(['replace', '/webhooks/0/namespaceSelector', {}]),
  objectSelector: json(['replace', '/webhooks/0/objectSelector', {}]),
  matchConditions: json(['remove', '/webhooks/0/matchConditions']),
  sideEffects: json(['replace', '/webhooks/0/sideEffects', 'None']),
  timeoutSeconds: json(['replace', '/webhooks/0/timeoutSeconds', 30]),
  matchPolicy: json(['replace', '/webhooks/0/matchPolicy', 'Exact']),
  reinvocationPolicy: json(['replace', '/webhooks/0/reinvocationPolicy', 'Never']),
  admissionReviewVersions: json(['add', '/webhooks/0/admissionReviewVersions/-', 'v1beta1']),
  'rules beside a caBundle that may be written': json(
    ['add', '/webhooks/0/clientConfig/caBundle', AUTHORITY],
    ['replace', '/webhooks/0/rules', EVERYTHING],
  ),
  'a label': merge({ metadata: { labels: { 'app.kubernetes.io/name': 'mine' } } }),
  'a removed label': merge({ metadata: { labels: null } }),
  'an annotation': merge({ metadata: { annotations: { 'cert-manager.io/inject-ca-from': 'a/b' } } }),
  'a finalizer': merge({ metadata: { finalizers: ['example.test/never'] } }),
  'an owner, with which it would be deleted': merge({
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'gone', uid: 'gone' }] },
  }),
};

describe('the webhook configuration', {
  skip: !HAS_POLICY && 'this Kubernetes has no ValidatingAdmissionPolicy',
}, () => {
  test('the API server finds no error in the expressions of the policy', async () => {
    const status = await waitFor(async () => {
      const found = asObject((await readObject(cluster, POLICY))['status']);
      return found?.['observedGeneration'] === 1 && found;
    }, 'the expressions checked');
    assert.deepEqual(status['typeChecking'], {});
  });

  for (const [what, change] of Object.entries(attacks)) {
    test(`blocks a change: ${what}`, async () => {
      const before = await readObject(cluster, REGISTRATION);
      const answer = await send(change);
      assert.equal(answer.status, 422, messageIn(answer));
      assert.match(messageIn(answer), /podrole-webhook-certificate.*denied request: podrole-webhook may/);
      assert.deepEqual(await readObject(cluster, REGISTRATION), before);
    });
  }

  test('blocks a forced server-side apply', async () => {
    const before = await readObject(cluster, REGISTRATION);
    const said = await applyByForce({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'podrole' },
      webhooks: [another('x.podrole.dev')],
    });
    assert.match(said, /denied request: podrole-webhook may/);
    assert.deepEqual(await readObject(cluster, REGISTRATION), before);
  });

  test('allows to write caBundle as the webhook does, to change it, and to remove it', async () => {
    const { cert: next } = await createAuthority('podrole-webhook-ca next');
    for (const caBundle of [AUTHORITY, Buffer.from(authority.cert + next).toString('base64'), null]) {
      const entries = NAMES.map((name) => ({ name, clientConfig: { caBundle } }));
      const answer = await send(strategic({ webhooks: entries }));
      assert.equal(answer.status, 200, messageIn(answer));
      const { webhooks } = await readObject(cluster, REGISTRATION);
      for (const { clientConfig } of webhooks as { clientConfig: { caBundle?: string } }[])
        assert.equal(clientConfig.caBundle ?? null, caBundle);
    }
  });

  test('the administrator may change it', async () => {
    const at = `${REGISTRATION}?dryRun=All`;
    await expectSuccess(cluster, 'PATCH', at, { metadata: { labels: { mine: 'yes' } } });
  });
});
