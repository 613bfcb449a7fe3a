import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARE_POD, healthyChain, SERVICE_ACCOUNT } from '../../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../../testing/doctor/doctor-cluster.ts';
import { ABSENT, read } from '../../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { NodeAgentFacts } from '../../../facts/cluster-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { pod } from '../pod.ts';

const KEY = 'iam.amazonaws.com/role';
const OLD_POD: PodFacts = { ...BARE_POD, annotations: { [KEY]: 'shop-web' } };

function agent(kind: NodeAgentFacts['kind']): NodeAgentFacts {
  return { kind, namespace: 'kube-system', name: kind, desired: 1, ready: 1, onNode: 'ready' };
}

function named(found: PodFacts, ...kinds: readonly NodeAgentFacts['kind'][]): ChainFacts {
  const chain = healthyChain({
    serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
    pod: read(found),
    nodeAgents: read(kinds.map(agent)),
  });
  const podRole = { key: KEY, given: 'shop-web', roleArn: ROLE, isConfigured: true, hasExternalId: false };
  return { ...chain, podRole };
}

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['a pod that kube2iam serves', named(OLD_POD, 'kube2iam'), 'warning POD_BY_OLD_PROXY'],
  ['a pod that kiam serves', named(OLD_POD, 'eks-pod-identity-agent', 'kiam'), 'warning POD_BY_OLD_PROXY'],
  ['a pod that nobody serves', named(OLD_POD), 'broken POD_MISSED_WEBHOOK'],
  ['a pod beside another agent', named(OLD_POD, 'podrole-agent'), 'broken POD_MISSED_WEBHOOK'],
  ['a pod older than its annotation', named(BARE_POD, 'kube2iam'), 'broken POD_MISSED_WEBHOOK'],
  [
    'a pod in the network of its node',
    named({ ...OLD_POD, hostNetwork: true }, 'kube2iam'),
    'broken POD_MISSED_WEBHOOK',
  ],
  ['no pod', healthyChain({ pod: ABSENT }), 'ok'],
  ['no pod, and no refusal', healthyChain({ pod: ABSENT, refusals: read([]) }), 'ok'],
  [
    'no pod, and a refusal',
    healthyChain({ pod: ABSENT, refusals: read(['Error creating: forbidden']) }),
    'broken PODS_REFUSED',
  ],
  ['a pod, and an old refusal', healthyChain({ refusals: read(['Error creating: forbidden']) }), 'ok'],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}: ${verdict}`, () => {
    assert.equal(verdictOf(pod, chain), verdict);
  });
}

test('a pod that the old proxy serves is created again by its controller', () => {
  const served = named({ ...OLD_POD, owner: 'StatefulSet/web' }, 'kube2iam');
  assert.deepEqual(commandsOf(pod, served), ['kubectl -n shop rollout restart statefulset/web']);
});
