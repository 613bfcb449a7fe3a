import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE_POD,
  healthyChain,
  POD,
  SERVICE_ACCOUNT,
  WEBHOOK,
} from '../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../testing/doctor/doctor-cluster.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ClusterFacts } from '../../facts/cluster-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { judgeChain } from '../../judge/judge-chain.ts';
import { annotation } from './annotation.ts';
import { apiAudience } from './api-audience.ts';
import { pod } from './pod.ts';
import { source } from './source.ts';
import { token } from './token.ts';
import { webhook } from './webhook.ts';

const LINKS = [annotation, webhook, pod, source, token, apiAudience];

/** A cluster in which neither the judged pod nor a new one gets a role. */
const NO_ROLE: Partial<ClusterFacts> = {
  pod: read(BARE_POD),
  dryRun: read({ pod: BARE_POD, warnings: [] }),
};

function unannotated(
  annotations: Readonly<Record<string, string>>,
  onPod: Partial<PodFacts> = {},
): ChainFacts {
  const serviceAccount = read({ ...SERVICE_ACCOUNT, annotations });
  const { grant: _, ...chain } = healthyChain({
    ...NO_ROLE,
    serviceAccount,
    pod: read({ ...BARE_POD, ...onPod }),
  });
  return chain;
}

function withWebhook(changed: Partial<typeof WEBHOOK>): ChainFacts {
  return healthyChain({ ...NO_ROLE, webhooks: read([{ ...WEBHOOK, ...changed }]) });
}

const [APP] = POD.containers;
assert.ok(APP);
const [CA] = WEBHOOK.caCertificates;
assert.ok(CA);

const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const WORLDS: readonly (readonly [world: string, chain: ChainFacts, first: string])[] = [
  ['healthy', healthyChain(), 'none'],
  ['no annotation', unannotated({}), 'annotation NO_ANNOTATION'],
  ['misspelt', unannotated({ 'eks.amazon.com/role-arn': ROLE }), 'annotation MISSPELT_ANNOTATION'],
  [
    'annotation on the pod',
    unannotated({}, { annotations: { [ROLE_KEY]: ROLE } }),
    'annotation ANNOTATION_ON_POD',
  ],
  ['malformed ARN', unannotated({ [ROLE_KEY]: 'web' }), 'annotation MALFORMED_ROLE_ARN'],
  ['no webhook', healthyChain({ ...NO_ROLE, webhooks: read([]) }), 'webhook NO_WEBHOOK'],
  [
    'expired CA',
    withWebhook({ caCertificates: [{ ...CA, notAfter: '2026-02-01T00:00:00Z' }] }),
    'webhook WEBHOOK_CA_INVALID',
  ],
  ['no endpoint', withWebhook({ endpoints: read({ ready: 0, notReady: 1 }) }), 'webhook WEBHOOK_NO_ENDPOINT'],
  [
    'excluded namespace',
    withWebhook({ namespaceSelector: { matchLabels: { a: 'b' }, matchExpressions: [] } }),
    'webhook WEBHOOK_EXCLUDES_NAMESPACE',
  ],
  [
    'pod older than the annotation',
    healthyChain({
      pod: read(BARE_POD),
      serviceAccount: read({ ...SERVICE_ACCOUNT, annotatedAt: '2026-11-20T10:00:00Z' }),
    }),
    'pod POD_OLDER_THAN_ANNOTATION',
  ],
  ['webhook was away', healthyChain({ pod: read(BARE_POD) }), 'pod POD_MISSED_WEBHOOK'],
  [
    'static keys',
    healthyChain({
      pod: read({ ...POD, containers: [{ ...APP, env: [...APP.env, { name: 'AWS_ACCESS_KEY_ID' }] }] }),
    }),
    'source STATIC_KEYS',
  ],
  [
    'unreadable token',
    healthyChain({
      pod: read({
        ...POD,
        containers: [{ ...APP, runAsNonRoot: true }],
        tokenVolumes: POD.tokenVolumes.map((volume) => ({ ...volume, mode: 0o400 })),
      }),
    }),
    'pod TOKEN_UNREADABLE',
  ],
  [
    'sidecar without region, for which the pod waits',
    healthyChain({
      pod: read({
        ...POD,
        phase: 'Pending',
        containers: [
          { ...APP, name: 'podrole-sidecar', kind: 'sidecar', ready: false, trouble: 'Error' },
          APP,
        ],
      }),
    }),
    'source SIDECAR_NO_REGION',
  ],
];
for (const [world, chain, first] of WORLDS) {
  test(`the first broken link is the cause: ${world}`, () => {
    const findings = judgeChain(LINKS, chain);
    const broken = findings.filter(({ state }) => state === 'broken');
    assert.equal(broken.map(({ link, code }) => `${link} ${code}`).join(', ') || 'none', first);
  });
}

test('whatever could not be read is unknown: nothing is broken, and nothing fails', () => {
  const unread = { state: 'denied', needs: 'get on it', said: 'answered 403' } as const;
  for (const key of Object.keys(healthyChain().cluster)) {
    if (key === 'context') continue;
    const findings = judgeChain(LINKS, healthyChain({ [key]: unread }));
    assert.deepEqual(
      findings.filter(({ state }) => state === 'broken'),
      [],
      key,
    );
  }
});

test('no text of a tenant reaches a terminal as it is', () => {
  const evil = '\u001b[2Jeks.amazonaws.com';
  const chain = unannotated({ [ROLE_KEY]: evil, 'podrole.dev/container-roles': evil });
  for (const { object, found, details, remedy } of judgeChain(LINKS, chain)) {
    for (const text of [object, found, ...details, ...(remedy?.commands ?? [])]) {
      assert.ok(!text.includes('\u001b'), text);
    }
  }
});
