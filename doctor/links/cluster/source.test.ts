import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARE_POD, DENIED, healthyChain, POD } from '../../../testing/doctor/cluster-facts.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { NodeAgentFacts } from '../../facts/cluster-facts.ts';
import type { ContainerFacts, PodFacts } from '../../facts/pod-facts.ts';
import { source } from './source.ts';

const [APP] = POD.containers as readonly [ContainerFacts];
const [BARE] = BARE_POD.containers as readonly [ContainerFacts];

type Variable = ContainerFacts['env'][number];

function withEnv(...env: readonly Variable[]): ChainFacts {
  return healthyChain({ pod: read({ ...POD, containers: [{ ...APP, env: [...env, ...APP.env] }] }) });
}

const SIDECAR: ContainerFacts = { ...APP, name: 'podrole-sidecar', kind: 'sidecar', ready: false };
const REGION: Variable = { name: 'AWS_REGION', value: 'eu-west-1' };
const TOPOLOGY: Variable = { name: 'PODROLE_TOPOLOGY_REGION', from: 'field' };

function withSidecar(changed: Partial<ContainerFacts>, ofPod: Partial<PodFacts> = {}): ChainFacts {
  return healthyChain({ pod: read({ ...POD, ...ofPod, containers: [{ ...SIDECAR, ...changed }, APP] }) });
}

const { grant: _, ...noGrant } = healthyChain();

function withAgent(kind: NodeAgentFacts['kind'], agent: Partial<NodeAgentFacts>): ChainFacts {
  const nodeAgents = [
    { kind, namespace: 'kube-system', name: kind, desired: 2, ready: 2, onNode: 'ready' as const, ...agent },
  ];
  const env = [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/' }];
  const isAgentOfEks = kind === 'eks-pod-identity-agent';
  const pod: PodFacts = {
    ...BARE_POD,
    annotations: isAgentOfEks ? {} : { 'iam.amazonaws.com/role': 'web' },
    containers: [isAgentOfEks ? { ...BARE, env } : BARE],
  };
  return { ...noGrant, cluster: { ...healthyChain().cluster, pod: read(pod), nodeAgents: read(nodeAgents) } };
}

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['web identity', healthyChain(), 'ok'],
  ['no pod', healthyChain({ pod: ABSENT }), 'ok'],
  ['a pod that may not be read', healthyChain({ pod: DENIED }), 'unknown'],
  ['agents that may not be read', healthyChain({ nodeAgents: DENIED }), 'ok'],
  ['static keys', withEnv({ name: 'AWS_ACCESS_KEY_ID' }), 'broken STATIC_KEYS'],
  ['static keys by the older name', withEnv({ name: 'AWS_ACCESS_KEY' }), 'broken STATIC_KEYS'],
  ['static keys of a Secret', withEnv({ name: 'AWS_ACCESS_KEY_ID', from: 'secret' }), 'broken STATIC_KEYS'],
  ['empty static keys', withEnv({ name: 'AWS_ACCESS_KEY_ID', value: '' }), 'ok'],
  ['a profile', withEnv({ name: 'AWS_PROFILE', value: 'dev' }), 'warning PROFILE_SET'],
  [
    'a credentials file',
    withEnv({ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/x' }),
    'warning PROFILE_SET',
  ],
  [
    'a Secret at ~/.aws',
    healthyChain({
      pod: read({
        ...POD,
        containers: [{ ...APP, mounts: [...APP.mounts, { path: '/root/.aws', volume: 'x' }] }],
      }),
    }),
    'warning PROFILE_SET',
  ],
  [
    'keys and a profile',
    withEnv({ name: 'AWS_ACCESS_KEY_ID' }, { name: 'AWS_PROFILE', value: 'dev' }),
    'broken STATIC_KEYS',
  ],
  ['a sidecar without region', withSidecar({}), 'broken SIDECAR_NO_REGION'],
  ['a sidecar with a label that its pod lacks', withSidecar({ env: [TOPOLOGY] }), 'broken SIDECAR_NO_REGION'],
  [
    'a sidecar whose region is a label',
    withSidecar({ env: [TOPOLOGY] }, { labels: { 'topology.kubernetes.io/region': 'eu-west-1' } }),
    'ok',
  ],
  ['a sidecar without region that is ready', withSidecar({ ready: true }), 'ok'],
  ['a sidecar with a flag', withSidecar({ hasRegionArgument: true }), 'ok'],
  ['a sidecar that starts', withSidecar({ env: [REGION] }), 'ok'],
  [
    'a sidecar that failed',
    withSidecar({ env: [REGION], trouble: 'Error, exit code 1' }),
    'broken SIDECAR_NOT_READY',
  ],
  ['a sidecar that was restarted', withSidecar({ env: [REGION], restarts: 4 }), 'broken SIDECAR_NOT_READY'],
  ['EKS Pod Identity', withAgent('eks-pod-identity-agent', {}), 'ok'],
  [
    'an agent that is not ready here',
    withAgent('eks-pod-identity-agent', { onNode: 'not ready' }),
    'broken AGENT_DOWN',
  ],
  ['an agent that is not here', withAgent('eks-pod-identity-agent', { onNode: 'none' }), 'broken AGENT_DOWN'],
  [
    'an agent that is nowhere ready',
    withAgent('eks-pod-identity-agent', { onNode: 'unknown', ready: 0 }),
    'broken AGENT_DOWN',
  ],
  ['an agent that is ready somewhere', withAgent('eks-pod-identity-agent', { onNode: 'unknown' }), 'ok'],
  ['kube2iam', withAgent('kube2iam', {}), 'ok'],
  ['kube2iam that is down', withAgent('kube2iam', { onNode: 'not ready' }), 'broken AGENT_DOWN'],
  ['kiam that is down', withAgent('kiam', { onNode: 'none' }), 'broken AGENT_DOWN'],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}`, () => {
    assert.equal(verdictOf(source, chain), verdict);
  });
}

test('shows the order for each container', () => {
  const chain = withEnv({ name: 'AWS_ACCESS_KEY_ID' }, { name: 'AWS_PROFILE', value: 'dev' });
  assert.deepEqual(source.judge(chain)[0].details, [
    'container app: 1 static keys (AWS_ACCESS_KEY_ID), 2 profile (AWS_PROFILE, maybe), 3 web identity (AWS_WEB_IDENTITY_TOKEN_FILE), 4 node role (169.254.169.254, maybe)',
  ]);
});

test('the command removes the keys, and only those that are set', () => {
  const chain = withEnv({ name: 'AWS_ACCESS_KEY_ID' }, { name: 'AWS_SECRET_ACCESS_KEY', from: 'secret' });
  const deployment = { ...chain, subject: { kind: 'deployment', namespace: 'shop', name: 'web' } } as const;
  assert.deepEqual(commandsOf(source, deployment), [
    'kubectl -n shop set env deployment/web AWS_ACCESS_KEY_ID- AWS_SECRET_ACCESS_KEY-',
  ]);
});
