import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { asArray, asObject } from '../../../lib/json/json.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { createServiceAccount, IMAGE } from '../../setup/pods/pods.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';

/** Warnings of pods that a real controller creates, as `kubectl describe` shows them. */
const WAIT_MS = 30_000;
const WARNING = /ServiceAccount shop\/typo: .*"arn:aws:role\/web"/;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const webhook = await site.start();
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'typo', 'arn:aws:role/web');

async function kubectl(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(
    [...args, '--namespace=shop'],
    stdin === undefined ? {} : { input: stdin },
  );
  assert.equal(code, 0, stderr);
  return stdout;
}

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { serviceAccountName: 'typo', containers: [{ name: 'app', image: IMAGE }] },
    },
  },
});

async function eventsOfPodrole(): Promise<readonly ReturnType<typeof asObject>[]> {
  const list = JSON.parse(
    await kubectl(['get', 'events', '--field-selector=reason=PodIdentity', '--output=json']),
  );
  return (asArray(list.items) ?? []).map(asObject);
}

test('three pods of a Deployment are one Event on its ReplicaSet, which kubectl describe shows', async () => {
  await kubectl(['apply', '--dry-run=server', '--filename=-'], JSON.stringify(deployment('web')));
  await kubectl(['apply', '--filename=-'], JSON.stringify(deployment('web')));
  const repeated = async () => (await webhook.metric('podrole_events_total', '{result="repeated"}')) >= 2;
  await waitFor(repeated, 'two of three pods repeat the warning', WAIT_MS);
  await waitFor(async () => (await eventsOfPodrole()).length === 1, 'the Event is stored', WAIT_MS);
  const [event] = await eventsOfPodrole();
  assert.match(String(event?.['message']), WARNING);
  assert.match(await kubectl(['describe', 'replicasets']), WARNING);
});

test('a dry run of an owned pod creates no Event', async () => {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'dry', uid: 'dry-1', controller: true };
  const { spec } = deployment('dry').spec.template;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'dry', ownerReferences: [owner] }, spec };
  const created = () => webhook.metric('podrole_events_total', '{result="created"}');
  const before = await created();
  await kubectl(['create', '--dry-run=server', '--filename=-'], JSON.stringify(pod));
  await kubectl(['create', '--filename=-'], JSON.stringify(pod));
  await waitFor(async () => (await created()) > before, 'the pod that is stored has an Event', WAIT_MS);
  assert.equal(await created(), before + 1);
});
