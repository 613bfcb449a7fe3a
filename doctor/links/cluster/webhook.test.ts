import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE_POD,
  DENIED,
  healthyChain,
  POD,
  SERVICE_ACCOUNT,
  WEBHOOK,
} from '../../../testing/doctor/cluster-facts.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ClusterFacts, WebhookFacts } from '../../facts/cluster-facts.ts';
import { webhook } from './webhook.ts';

const NO_ROLE: ClusterFacts['dryRun'] = read({ pod: BARE_POD, warnings: [] });

/** A cluster with this webhook, in which a new pod gets no role. */
function broken(changed: Partial<WebhookFacts>, given: Partial<ClusterFacts> = {}): ChainFacts {
  const webhooks = read([{ ...WEBHOOK, ...changed }]);
  return healthyChain({ webhooks, dryRun: NO_ROLE, pod: read(BARE_POD), ...given });
}

function ca(notBefore: string, notAfter: string): Partial<WebhookFacts> {
  return { caCertificates: [{ subject: 'CN=ca', notBefore, notAfter }] };
}

const expired = ca('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
const valid = WEBHOOK.caCertificates;
const none = { matchLabels: {}, matchExpressions: [] };
const requires = (key: string, operator: string, ...values: readonly string[]) => ({
  matchLabels: {},
  matchExpressions: [{ key, operator, values }],
});
const skipped = { ...BARE_POD, labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': 'yes' } };
const aws: WebhookFacts = { ...WEBHOOK, kind: 'aws', name: 'pod-identity-webhook.amazonaws.com' };
const ofPod = { subject: { kind: 'pod', namespace: 'shop', name: 'web-0' } } as const;
const otherPrefix = { settings: { annotationPrefix: 'podrole.dev', tokenAudience: 'sts.amazonaws.com' } };
const ofPrefix = read({ ...SERVICE_ACCOUNT, annotations: { 'podrole.dev/role-arn': 'x' } });
const skipAll = { ...BARE_POD, annotations: { 'eks.amazonaws.com/skip-containers': 'app' } };

const OWN_VOLUME = {
  ...POD,
  containers: POD.containers.map((container) => ({
    ...container,
    mounts: container.mounts.map((mount) => ({ ...mount, volume: 'mine' })),
  })),
  tokenVolumes: POD.tokenVolumes.map((token) => ({ ...token, volume: 'mine' })),
};

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['a webhook that gives the role', healthyChain(), 'ok'],
  ['no webhook', healthyChain({ webhooks: read([]), dryRun: NO_ROLE }), 'broken NO_WEBHOOK'],
  [
    'no webhook of this prefix',
    healthyChain({ webhooks: read([aws]), dryRun: NO_ROLE, serviceAccount: ofPrefix }, otherPrefix),
    'broken NO_WEBHOOK',
  ],
  ['the AWS webhook', healthyChain({ webhooks: read([aws]) }), 'ok'],
  ['two webhooks', healthyChain({ webhooks: read([WEBHOOK, aws]) }), 'warning TWO_WEBHOOKS'],
  ['webhooks that may not be read', healthyChain({ webhooks: DENIED, dryRun: DENIED }), 'unknown'],
  ['webhooks that may not be read, and a dry run with the role', healthyChain({ webhooks: DENIED }), 'ok'],
  [
    'an annotation that was removed after the pod was created: the webhook is right to give no role',
    healthyChain({ serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }), dryRun: NO_ROLE }),
    'ok',
  ],
  [
    'an expired CA, and an annotation that was removed',
    broken(expired, { serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }), pod: read(POD) }),
    'broken WEBHOOK_CA_INVALID',
  ],
  ['an expired CA', broken(expired), 'broken WEBHOOK_CA_INVALID'],
  [
    'a CA of tomorrow',
    broken(ca('2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z')),
    'broken WEBHOOK_CA_INVALID',
  ],
  ['no CA', broken({ caCertificates: [] }), 'broken WEBHOOK_CA_INVALID'],
  [
    'an expired CA beside a valid one',
    broken({ caCertificates: [...(expired.caCertificates ?? []), ...valid] }),
    'broken WEBHOOK_NOT_REACHED',
  ],
  [
    'an expired CA over a connection that is still open',
    healthyChain({ webhooks: read([{ ...WEBHOOK, ...expired }]) }),
    'warning WEBHOOK_CA_INVALID',
  ],
  [
    'an expired CA, and a pod that has its role',
    { ...broken(expired, { pod: read(POD) }), ...ofPod },
    'warning WEBHOOK_CA_INVALID',
  ],
  ['no endpoint', broken({ endpoints: read({ ready: 0, notReady: 2 }) }), 'broken WEBHOOK_NO_ENDPOINT'],
  ['no Service', broken({ endpoints: ABSENT }), 'broken WEBHOOK_NO_ENDPOINT'],
  ['endpoints that may not be read', broken({ endpoints: DENIED }), 'broken WEBHOOK_NOT_REACHED'],
  [
    'no endpoint of one of two',
    healthyChain({ webhooks: read([{ ...WEBHOOK, endpoints: ABSENT }, WEBHOOK]) }),
    'ok',
  ],
  ['a rule for other objects', broken({ matchesPods: false }), 'broken WEBHOOK_NOT_FOR_PODS'],
  [
    'a namespace that a label excludes',
    broken({ namespaceSelector: requires('team', 'NotIn', 'shop') }),
    'broken WEBHOOK_EXCLUDES_NAMESPACE',
  ],
  [
    'a namespace without the label',
    broken({ namespaceSelector: { ...none, matchLabels: { roles: 'yes' } } }),
    'broken WEBHOOK_EXCLUDES_NAMESPACE',
  ],
  [
    'a namespace that may not be read',
    broken({ namespaceSelector: requires('roles', 'Exists') }, { namespaceLabels: DENIED }),
    'unknown',
  ],
  ['the skip label', broken({}, { pod: read(skipped) }), 'broken WEBHOOK_EXCLUDES_POD'],
  [
    'a pod without a label that is asked for',
    broken({ objectSelector: requires('roles', 'In', 'yes') }),
    'broken WEBHOOK_EXCLUDES_POD',
  ],
  ['silence', broken({}), 'broken WEBHOOK_NOT_REACHED'],
  [
    'a warning',
    broken({}, { dryRun: read({ pod: BARE_POD, warnings: ['this Pod: annotation is malformed'] }) }),
    'broken WEBHOOK_GAVE_NO_ROLE',
  ],
  [
    'a refusal',
    broken({}, { dryRun: read({ warnings: [], refused: 'answered 403' }) }),
    'warning DRY_RUN_REFUSED',
  ],
  [
    'a refusal because the webhook does not run',
    broken(
      { endpoints: read({ ready: 0, notReady: 0 }), failurePolicy: 'Fail' },
      { dryRun: read({ warnings: [], refused: 'answered 500' }) },
    ),
    'broken WEBHOOK_NO_ENDPOINT',
  ],
  ['a dry run that is not allowed', broken({}, { dryRun: DENIED }), 'ok'],
  [
    'a dry run with the warning of a policy engine only',
    broken({}, { dryRun: read({ pod: BARE_POD, warnings: ['[limits] container app has no limits'] }) }),
    'broken WEBHOOK_NOT_REACHED',
  ],
  ['neither endpoints nor a dry run', broken({ endpoints: DENIED }, { dryRun: DENIED }), 'unknown'],
  [
    'a namespace that may not be read, and that may have the label of those left out',
    broken({ namespaceSelector: requires('roles', 'NotIn', 'none') }, { namespaceLabels: DENIED }),
    'unknown',
  ],
  [
    'a namespace that may not be read, and is left out by its name',
    broken(
      { namespaceSelector: requires('kubernetes.io/metadata.name', 'NotIn', 'shop') },
      { namespaceLabels: DENIED },
    ),
    'broken WEBHOOK_EXCLUDES_NAMESPACE',
  ],
  ['a pod that skips all containers', broken({}, { dryRun: read({ pod: skipAll, warnings: [] }) }), 'ok'],
  [
    'an injected manifest',
    healthyChain({
      webhooks: read([]),
      dryRun: NO_ROLE,
      pod: read({ ...POD, annotations: { 'podrole.dev/injected': 'app' } }),
    }),
    'ok',
  ],
  [
    'a pod that sets its role itself, beside a webhook',
    healthyChain({
      dryRun: NO_ROLE,
      serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
      pod: read(OWN_VOLUME),
    }),
    'ok',
  ],
  [
    'a pod that sets its role itself',
    healthyChain({
      webhooks: read([]),
      dryRun: NO_ROLE,
      serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
      pod: read(OWN_VOLUME),
    }),
    'ok',
  ],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}`, () => {
    assert.equal(verdictOf(webhook, chain), verdict);
  });
}

const RESTART = 'kubectl -n shop get pod web-0 -o json | kubectl replace --force -f -';
const WEBHOOK_KUBECTL = 'kubectl -n podrole';
const DEPLOYMENT = 'deployment/podrole-webhook';
const ROLLED_OUT = `${WEBHOOK_KUBECTL} rollout status ${DEPLOYMENT} --timeout 2m`;
const REMEDIES: readonly (readonly [what: string, chain: ChainFacts, commands: readonly string[]])[] = [
  ['no webhook', healthyChain({ webhooks: read([]), dryRun: NO_ROLE }), ['podrole up --approve', RESTART]],
  [
    'no replica',
    broken({ endpoints: read({ ready: 0, notReady: 0 }) }),
    [`${WEBHOOK_KUBECTL} scale ${DEPLOYMENT} --replicas 2`, ROLLED_OUT, RESTART],
  ],
  [
    'replicas that are not ready',
    broken({ endpoints: read({ ready: 0, notReady: 2 }) }),
    [`${WEBHOOK_KUBECTL} rollout restart ${DEPLOYMENT}`, ROLLED_OUT, RESTART],
  ],
  ['no Service', broken({ endpoints: ABSENT }), ['podrole up --approve', RESTART]],
  [
    'an expired CA',
    broken(expired),
    [`${WEBHOOK_KUBECTL} rollout restart ${DEPLOYMENT}`, ROLLED_OUT, RESTART],
  ],
  ['another CA', broken({}), [`${WEBHOOK_KUBECTL} rollout restart ${DEPLOYMENT}`, ROLLED_OUT, RESTART]],
  [
    'a label that excludes the namespace',
    broken({ namespaceSelector: requires('team', 'DoesNotExist') }),
    ['kubectl label namespace shop team-', RESTART],
  ],
  [
    'a label that the namespace lacks',
    broken({ namespaceSelector: requires('roles', 'In', 'a b', 'c') }),
    ["kubectl label namespace shop 'roles=a b' --overwrite", RESTART],
  ],
  [
    'the skip label of a bare pod',
    broken({}, { pod: read(skipped) }),
    [
      `kubectl -n shop get pod web-0 -o json | kubectl patch --local -f - --type merge -p '{"metadata":{"labels":{"eks.amazonaws.com/skip-pod-identity-webhook":null}}}' -o json | kubectl replace --force -f -`,
    ],
  ],
  [
    'the skip label of a Deployment',
    {
      ...broken({}, { pod: read({ ...skipped, owner: 'ReplicaSet/web-5f1c' }) }),
      subject: { kind: 'deployment', namespace: 'shop', name: 'web' },
    },
    [
      `kubectl -n shop patch deployment/web --type merge -p '{"spec":{"template":{"metadata":{"labels":{"eks.amazonaws.com/skip-pod-identity-webhook":null}}}}}'`,
    ],
  ],
];
for (const [what, chain, commands] of REMEDIES) {
  test(`the commands fix ${what}`, () => {
    assert.deepEqual(commandsOf(webhook, chain), commands);
  });
}

test('a prefix from a saved file is one word of the command', () => {
  const settings = { annotationPrefix: '$(id)', tokenAudience: 'sts.amazonaws.com' };
  const chain = healthyChain({ webhooks: read([]), dryRun: NO_ROLE }, { settings });
  assert.equal(commandsOf(webhook, chain)[0], "podrole up --annotation-prefix '$(id)' --approve");
});

test('no command changes the label that holds the name of a namespace', () => {
  const namespaceSelector = requires('kubernetes.io/metadata.name', 'NotIn', 'shop');
  const namespaceLabels = read({ 'kubernetes.io/metadata.name': 'shop' });
  assert.deepEqual(commandsOf(webhook, broken({ namespaceSelector }, { namespaceLabels })), []);
});
