import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOtherWebhooks } from './other-webhooks.ts';

const configuration = (name: string, webhook: string, annotations = {}) => ({
  metadata: { name, annotations },
  webhooks: [{ name: webhook }],
});
const HELM = { 'meta.helm.sh/release-name': 'mine', 'meta.helm.sh/release-namespace': 'infra' };

for (const [what, found, prefix, refused] of [
  ['its own', configuration('podrole', 'pods.podrole.dev'), 'eks.amazonaws.com', undefined],
  ['a foreign one', configuration('istio', 'sidecar-injector.istio.io'), 'eks.amazonaws.com', undefined],
  ['a malformed one', { metadata: 1, webhooks: [null] }, 'eks.amazonaws.com', undefined],
  [
    'one of Helm',
    configuration('podrole', 'pods.podrole.dev', HELM),
    'eks.amazonaws.com',
    /Helm release mine in the namespace infra/,
  ],
  [
    'another podrole',
    configuration('second', 'required.pods.podrole.dev'),
    'eks.amazonaws.com',
    /another installation of podrole/,
  ],
  [
    'that of EKS',
    configuration('pod-identity-webhook', 'iam-for-pods.amazonaws.com'),
    'eks.amazonaws.com',
    /is the AWS webhook/,
  ],
  [
    'that of EKS with another prefix',
    configuration('pod-identity-webhook', 'iam-for-pods.amazonaws.com'),
    'podrole.dev',
    undefined,
  ],
  [
    "AWS's own manifests",
    configuration('pod-identity-webhook', 'pod-identity-webhook.amazonaws.com'),
    'eks.amazonaws.com',
    /is the AWS webhook/,
  ],
] as const) {
  test(`${what}: ${refused ? 'refused' : 'accepted'}`, () => {
    const { faults } = judgeOtherWebhooks([found], undefined, prefix);
    assert.equal(faults.length, refused ? 1 : 0);
    if (refused) assert.match(faults[0]?.problem ?? '', refused);
  });
}
