import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createApiClient } from '../../../kubernetes/api-client.ts';
import { objectEvent } from '../../../kubernetes/events/object-event.ts';
import { loadKubeConfig } from '../../../kubernetes/kube-config.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createToken, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { MANIFESTS } from '../../setup/install/manifest-renderers.ts';
import { commandsOf, copyCheckout, runCommands } from '../../setup/install/page-commands.ts';
import { IMAGE } from '../../setup/pods/pods.ts';
import { HAS_POLICY } from '../../setup/webhook/stolen-token.ts';

/** The manifests of the agent in a real API server. No pod of them runs. */
const NAMESPACE = 'podrole-agent';
const OVERLAY = path.join(MANIFESTS, 'overlays/agent');
const skip = HAS_POLICY ? false : 'Kubernetes 1.29 has no ValidatingAdmissionPolicy';
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-agent-'));
after(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs kubectl; fails if it fails or warns. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args);
  assert.equal(stderr, '', args.join(' '));
  assert.equal(code, 0);
  return stdout;
}

test('overlays/agent is applied without a warning, and a second apply would change nothing', {
  skip,
}, async () => {
  await kubectl('apply', '-k', OVERLAY);
  await kubectl('diff', '-k', OVERLAY);
});

test('docs/agent.md: the agent has the image and the settings of the reader', { skip }, async () => {
  const checkout = await copyCheckout();
  after(() => checkout.remove());
  const commands = await commandsOf('agent.md');
  const { code, stdout, stderr } = await runCommands(commands, {
    ...checkout,
    kubeconfig: cluster.kubeconfig,
  });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const where = [
    '-n',
    NAMESPACE,
    '-o',
    'jsonpath={.spec.template.spec.containers[0].envFrom[0].configMapRef.name}',
  ];
  const settings = await kubectl('get', 'daemonset', 'podrole-agent', ...where);
  const data = await kubectl('get', 'configmap', settings, '-n', NAMESPACE, '-o', 'jsonpath={.data}');
  assert.deepEqual(JSON.parse(data), { AWS_REGION: 'eu-west-1', PODROLE_CLUSTER_NAME: 'prod' });
});

/** Creates an Event with the token of the agent; returns the status and the answer. */
async function createEvent(token: string, namespace: string, event: JsonObject) {
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfigOf(token), { mode: 0o600 });
  const client = createApiClient(loadKubeConfig({ kubeconfig, kubeApi: undefined }, {}));
  const at = `/api/v1/namespaces/${namespace}/events`;
  const limits = { timeoutMs: 30_000, signal: new AbortController().signal };
  try {
    const change = { method: 'POST', path: at, body: event } as const;
    const { status, body } = await client.send(change, limits);
    return { status, text: JSON.stringify(body) };
  } finally {
    await client.close();
  }
}

const tokenOf = (boundPod?: { name: string; uid: string }) =>
  createToken(cluster, NAMESPACE, 'podrole-agent', {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 3_600,
    ...(boundPod && { boundPod }),
  });

test('the agent may only report on a pod that a role is refused', { skip }, async (t) => {
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const { body } = await expectSuccess(cluster, 'POST', pods, {
    metadata: { name: 'agent-1' },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'podrole-agent',
      containers: [{ name: 'agent', image: IMAGE }],
    },
  });
  const { uid } = (body as { metadata: { uid: string } }).metadata;
  const token = await tokenOf({ name: 'agent-1', uid });
  const object = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid };
  const source = { component: 'podrole-agent', reason: 'RoleRefused' };
  const eventOf = (words: string) =>
    objectEvent({ namespace: 'default', object, warning: words }, source, new Date()).object;
  await waitFor(async () => {
    const { status, text } = await createEvent(token, 'default', { ...eventOf('x'), reason: 'Other' });
    return status === 422 && text.includes('only Events that report a refused role');
  }, 'the policy in force');
  await t.test('its own Event', async () => {
    const { status, text } = await createEvent(token, 'default', eventOf('refused'));
    assert.equal(status, 201, text);
  });
  const refused: readonly (readonly [string, JsonObject])[] = [
    ['another reason', { reason: 'Killing' }],
    ['an ordinary Event', { type: 'Normal' }],
    ['another component', { reportingComponent: 'kubelet' }],
    ['another kind', { involvedObject: { ...object, namespace: 'default', kind: 'Node' } }],
  ];
  for (const [what, change] of refused)
    await t.test(what, async () => {
      const { status, text } = await createEvent(token, 'default', { ...eventOf(what), ...change });
      assert.equal(status, 422, text);
      assert.match(text, /podrole-agent may create only/);
    });
  await t.test('a token that no pod holds', async () => {
    const { status, text } = await createEvent(await tokenOf(), 'default', eventOf('stolen'));
    assert.equal(status, 422, text);
    assert.match(text, /only with the token of a pod on a node/);
  });
});
