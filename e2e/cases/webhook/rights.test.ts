import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ApiChange } from '../../../kubernetes/api-client.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { NAMESPACE } from '../../setup/install/install-podrole.ts';
import {
  ADMISSION,
  applyShipped,
  HAS_POLICY,
  messageIn,
  readObject,
  SECRET,
  SECRETS,
  stealToken,
} from '../../setup/webhook/stolen-token.ts';

/**
 * Further attacks with a stolen webhook token: the webhook's Secret changed into the token of another
 * ServiceAccount, and more.
 */
const REGISTRATIONS = `${ADMISSION}/mutatingwebhookconfigurations`;
const POLICIES = `${ADMISSION}/validatingadmissionpolicies`;
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
await applyShipped(cluster);
await expectSuccess(cluster, 'POST', ACCOUNTS, { metadata: { name: 'victim' } });
const { get, send, applyByForce, stop } = await stealToken(cluster);
after(stop);

/** The control plane fills it with the token of the ServiceAccount that the annotation names. */
const tokenSecret = (name: string, namespace = NAMESPACE) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/service-account-token',
  metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': 'victim' } },
});
const merge = (at: string, body: JsonObject): ApiChange => ({ method: 'PATCH', path: at, body });
const made = (at: string, body: JsonObject): ApiChange => ({ method: 'POST', path: at, body });
const deleted = (at: string): ApiChange => ({ method: 'DELETE', path: at });

const attacks: Readonly<Record<string, ApiChange>> = {
  'a registration of its own': made(REGISTRATIONS, { metadata: { name: 'mine' } }),
  "another's registration": merge(`${REGISTRATIONS}/neighbour`, { webhooks: [] }),
  'its registration replaced': { ...made(`${REGISTRATIONS}/podrole`, {}), method: 'PUT' },
  'its registration deleted': deleted(`${REGISTRATIONS}/podrole`),
  'every registration deleted': deleted(REGISTRATIONS),
  'a validating registration': made(`${ADMISSION}/validatingwebhookconfigurations`, {}),
  'its policy deleted': deleted(`${POLICIES}/podrole-webhook-certificate`),
  'its policy changed': merge(`${POLICIES}/podrole-webhook-certificate`, {
    spec: { failurePolicy: 'Ignore' },
  }),
  "its policy's binding deleted": deleted(
    `${ADMISSION}/validatingadmissionpolicybindings/podrole-webhook-certificate`,
  ),
  "a Secret for another's token": made(SECRETS, tokenSecret('mine')),
  'such a Secret in another namespace': made(
    '/api/v1/namespaces/kube-system/secrets',
    tokenSecret('mine', 'kube-system'),
  ),
  'another type of its Secret': merge(SECRET, { type: 'kubernetes.io/service-account-token' }),
  'its Secret deleted': deleted(SECRET),
  'every Secret deleted': deleted(SECRETS),
  'a token by request': made(`${ACCOUNTS}/victim/token`, { spec: { audiences: ['sts.amazonaws.com'] } }),
  'its own token by request': made(`${ACCOUNTS}/podrole-webhook/token`, { spec: { audiences: ['x'] } }),
  'another role for a ServiceAccount': merge(`${ACCOUNTS}/victim`, { metadata: { annotations: { x: 'y' } } }),
  'a pod': made(`/api/v1/namespaces/${NAMESPACE}/pods`, { metadata: { name: 'mine' } }),
  'another image of its own': merge(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/podrole-webhook`, {}),
};
for (const [what, change] of Object.entries(attacks)) {
  test(`RBAC refuses: ${what}`, async () => {
    const answer = await send(change);
    assert.equal(answer.status, 403, messageIn(answer));
    assert.match(
      messageIn(answer),
      /is forbidden: User "system:serviceaccount:podrole:podrole-webhook" cannot/,
    );
  });
}

test('RBAC refuses to read another Secret, or all Secrets', async () => {
  for (const at of [SECRETS, `${SECRETS}?watch=1`, `${SECRETS}/other`, '/api/v1/secrets'])
    assert.equal((await get(at)).status, 403, at);
});

test('blocks a change of its Secret into another token, whether the Secret exists or not', async () => {
  const name = 'podrole-webhook-tls';
  const { metadata, ...rest } = await readObject(cluster, SECRET);
  const annotations = {
    ...asObject(asObject(metadata)?.['annotations']),
    ...tokenSecret(name).metadata.annotations,
  };
  const annotated = { ...rest, metadata: { ...asObject(metadata), annotations } };
  const replaced = { method: 'PUT', path: SECRET } as const;
  const retyped = await send({
    ...replaced,
    body: { ...annotated, type: 'kubernetes.io/service-account-token' },
  });
  assert.equal(retyped.status, 422, messageIn(retyped));
  // Without the type the annotation has no effect; a policy, if present, refuses the annotation as well.
  const written = await send({ ...replaced, body: annotated });
  assert.equal(written.status, HAS_POLICY ? 422 : 200, messageIn(written));
  await expectSuccess(cluster, 'DELETE', SECRET);
  assert.equal((await send(made(SECRETS, tokenSecret(name)))).status, 403);
  assert.equal((await send({ ...replaced, body: tokenSecret(name) })).status, 404);
  assert.match(await applyByForce(tokenSecret(name)), /forbidden/);
  assert.equal((await cluster.request('GET', SECRET)).status, 404);
  await applyShipped(cluster);
});

test('blocks a change of its Secret that prevents renewal or ties it to another object', {
  skip: !HAS_POLICY && 'this Kubernetes has no ValidatingAdmissionPolicy',
}, async () => {
  const secret = await readObject(cluster, SECRET);
  const metadata = asObject(secret['metadata']) ?? {};
  const changes: Readonly<Record<string, JsonObject>> = {
    immutable: { ...secret, immutable: true },
    label: { ...secret, metadata: { ...metadata, labels: {} } },
    finalizer: { ...secret, metadata: { ...metadata, finalizers: ['example.test/never'] } },
    owner: {
      ...secret,
      metadata: {
        ...metadata,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'gone', uid: 'gone' }],
      },
    },
  };
  for (const [what, body] of Object.entries(changes)) {
    const answer = await send({ method: 'PUT', path: SECRET, body });
    assert.equal(answer.status, 422, `${what}: ${messageIn(answer)}`);
    assert.match(messageIn(answer), /denied request: podrole-webhook may/);
  }
  const data = { 'tls.crt': 'bm90aGluZw==' };
  const filled = await send({ method: 'PUT', path: SECRET, body: { ...secret, data } });
  assert.equal(filled.status, 200, messageIn(filled));
});
