import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CONFIG_MAP_IDENTITIES } from '../../../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../../../identity/container-credentials-config.ts';
import { decideIdentity } from '../../../identity/decide-identity.ts';
import { identitySettings } from '../../../identity/settings/identity-settings.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { readSettings } from '../../../lib/settings/settings.ts';
import { mutatePod } from '../../../pods/mutate-pod.ts';
import { DENIED, healthyChain, SERVICE_ACCOUNT } from '../../../testing/doctor/cluster-facts.ts';
import { podOf, ROLE } from '../../../testing/doctor/doctor-cluster.ts';
import { read } from '../../../testing/doctor/reading.ts';
import { verdictOf } from '../../../testing/doctor/verdict.ts';
import { narrowAuditPod } from '../../audit/collect/narrow-audit-pod.ts';
import { narrowPod } from '../../collect/cluster/narrow/narrow-pod.ts';
import type { ClusterFacts, NodeAgentFacts } from '../../facts/cluster-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { agentEnvOf } from '../../workload/agent-env-of.ts';
import { pod } from './pod.ts';
import { source } from './source.ts';

const TARGET = 'arn:aws:iam::444455556666:role/shared';
const flags = { sidecarImage: 'podrole:1', clusterName: 'prod', awsDefaultRegion: 'eu-west-1' };

/** The pod as the webhook leaves it, with a token volume that its sidecar and containers can read. */
function admitted(annotations: Readonly<Record<string, string>>, spec: JsonObject = {}): PodFacts {
  const { identity } = decideIdentity({
    namespace: 'shop',
    serviceAccountName: 'web',
    serviceAccount: {
      namespace: 'shop',
      name: 'web',
      annotations: { 'eks.amazonaws.com/role-arn': ROLE, ...annotations },
    },
    podAnnotations: {},
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    configMap: NO_CONFIG_MAP_IDENTITIES,
    settings: readSettings(identitySettings, flags, {}),
    random: () => 0,
  });
  const bare = podOf('web-0');
  const given = { ...bare, spec: { ...asObject(bare['spec']), ...spec } };
  const stored = identity ? mutatePod(given, identity).pod : given;
  return { ...narrowPod(stored), createdAt: '2026-11-02T10:00:00Z' };
}

const AGENT: NodeAgentFacts = {
  kind: 'podrole-agent',
  namespace: 'podrole',
  name: 'podrole-agent',
  desired: 2,
  ready: 2,
  onNode: 'ready',
};
const agent = (changed: Partial<NodeAgentFacts> = {}) => ({ nodeAgents: read([{ ...AGENT, ...changed }]) });
const event = (reason: string) => ({
  ...agent(),
  events: read([{ reason, message: 'AccessDenied', lastSeen: '2026-11-29T12:00:00Z', count: 3 }]),
});

const BY_AGENT = admitted({ 'podrole.dev/sidecar': 'agent' });
const CHAINED = admitted({ 'podrole.dev/sidecar': 'agent', 'podrole.dev/target-role-arn': TARGET });
const BY_SIDECAR = admitted({ 'podrole.dev/sidecar': 'credentials', 'podrole.dev/target-role-arn': TARGET });
const NOT_SERVED = admitted({ 'podrole.dev/target-role-arn': TARGET });
const HOST_NETWORK = admitted({ 'podrole.dev/sidecar': 'agent' }, { hostNetwork: true });

const STS = { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' };
for (const [what, given, stsEnv, expected] of [
  ['the agent', BY_AGENT, read(STS), STS],
  ['the agent, whose variables may not be read', BY_AGENT, DENIED, {}],
  ['the agent, in facts of an older version', BY_AGENT, undefined, {}],
  ['the sidecar', BY_SIDECAR, read(STS), undefined],
  ['nobody', NOT_SERVED, read(STS), undefined],
] as const) {
  test(`whose variables lead to STS, for a pod that is served by ${what}`, () => {
    const facts = { pod: read(given), ...agent(stsEnv && { stsEnv }) };
    assert.deepEqual(agentEnvOf(facts, undefined), expected);
    assert.deepEqual(agentEnvOf(facts, 'app'), expected);
  });
}

type Case = readonly [
  what: string,
  pod: PodFacts,
  given: Partial<ClusterFacts>,
  ofPod: string,
  ofSource: string,
];

const CASES: readonly Case[] = [
  ['the agent', BY_AGENT, agent(), 'ok', 'ok'],
  ['the agent, with a target role', CHAINED, agent(), 'ok', 'ok'],
  ['a sidecar, with a target role', BY_SIDECAR, {}, 'ok', 'ok'],
  ['no agent in the cluster', BY_AGENT, {}, 'ok', 'broken AGENT_DOWN'],
  ['agents that may not be read', BY_AGENT, { nodeAgents: DENIED }, 'ok', 'ok'],
  ['an agent that is not on the node', BY_AGENT, agent({ onNode: 'none' }), 'ok', 'broken AGENT_DOWN'],
  ['an agent that is not ready', BY_AGENT, agent({ onNode: 'not ready' }), 'ok', 'broken AGENT_DOWN'],
  [
    'an agent that is ready nowhere',
    BY_AGENT,
    agent({ onNode: 'unknown', ready: 0 }),
    'ok',
    'broken AGENT_DOWN',
  ],
  ['only the agent of EKS', BY_AGENT, agent({ kind: 'eks-pod-identity-agent' }), 'ok', 'broken AGENT_DOWN'],
  ['an agent whose exchange STS refused', BY_AGENT, event('RoleRefused'), 'ok', 'warning AGENT_REFUSED'],
  ['another Event', BY_AGENT, event('BackOff'), 'ok', 'ok'],
  ['an Event of a pod that is not served', HOST_NETWORK, event('RoleRefused'), 'ok', 'ok'],
  ['itself, on the network of the node', HOST_NETWORK, {}, 'ok', 'ok'],
  ['nobody, though it asks for a target role', NOT_SERVED, {}, 'broken POD_MISSED_WEBHOOK', 'ok'],
];
const annotated = (target: string | undefined) => ({
  serviceAccount: read({
    ...SERVICE_ACCOUNT,
    annotations: { ...SERVICE_ACCOUNT.annotations, ...(target && { 'podrole.dev/target-role-arn': target }) },
  }),
});

for (const [what, found, given, ofPod, ofSource] of CASES) {
  test(`judges a pod that is served by ${what}`, () => {
    const target = found === CHAINED || found === BY_SIDECAR || found === NOT_SERVED ? TARGET : undefined;
    const chain = healthyChain({ ...annotated(target), ...given, pod: read(found) });
    assert.equal(verdictOf(pod, chain), ofPod);
    assert.equal(verdictOf(source, chain), ofSource);
  });
}

test('shows by what the containers are served', () => {
  const details = (found: PodFacts, given: Partial<ClusterFacts>) =>
    source.judge(healthyChain({ ...given, pod: read(found) }))[0].details;
  assert.deepEqual(details(BY_AGENT, agent()), [
    'container app: 1 podrole agent (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI), 2 podrole agent (169.254.169.254)',
  ]);
  assert.deepEqual(details(BY_SIDECAR, {}), [
    'container app: 1 sidecar (AWS_CONTAINER_CREDENTIALS_FULL_URI), 2 node role (169.254.169.254, maybe)',
  ]);
  // The agent never hands out the role of the node.
  assert.deepEqual(details(NOT_SERVED, agent()), ['container app: nothing']);
});

test('a pod of another role is found in each mode', () => {
  for (const found of [BY_AGENT, CHAINED, BY_SIDECAR]) {
    const grant = { roleArn: `${ROLE}-other`, audience: 'sts.amazonaws.com' };
    const verdict = verdictOf(pod, healthyChain({ pod: read(found) }, { grant }));
    assert.match(verdict, /^broken /);
  }
});

test('an audit knows how a pod gets its roles, and that the agent answers for its metadata', () => {
  const kept = (found: PodFacts) => {
    const { roles, isRedirected } = narrowAuditPod(found);
    return [isRedirected, ...roles.map((each) => [each.container, each.servedBy, each.targetRoleArn])];
  };
  assert.deepEqual(kept(BY_AGENT), [true, ['app', 'podrole agent', undefined]]);
  assert.deepEqual(kept(CHAINED), [true, ['app', 'podrole agent', TARGET]]);
  assert.deepEqual(kept(BY_SIDECAR), [
    false,
    ['podrole-sidecar', 'sidecar', TARGET],
    ['app', 'sidecar', TARGET],
  ]);
  assert.deepEqual(kept(HOST_NETWORK), [false, ['app', 'web identity', undefined]]);
});

const WEB_IDENTITY = admitted({});
const TARGETS: readonly (readonly [
  what: string,
  pod: PodFacts,
  target: string | undefined,
  verdict: string,
])[] = [
  ['web identity, though it should assume a target role', WEB_IDENTITY, TARGET, 'broken ROLE_DIFFERS'],
  ['the agent, without the target role', BY_AGENT, TARGET, 'broken ROLE_DIFFERS'],
  ['another target role', CHAINED, `${TARGET}-2`, 'broken ROLE_DIFFERS'],
  ['a target role that is gone', CHAINED, undefined, 'broken ROLE_DIFFERS'],
  ['the target role of a sidecar that is gone', BY_SIDECAR, undefined, 'broken ROLE_DIFFERS'],
  ['a target role of which only the name is known', CHAINED, 'shared', 'ok'],
  ['no target role', BY_AGENT, undefined, 'ok'],
];
for (const [what, found, target, verdict] of TARGETS) {
  test(`compares the target role of a pod with its annotation: ${what}`, () => {
    assert.equal(verdictOf(pod, healthyChain({ ...annotated(target), pod: read(found) })), verdict);
  });
}

test('a pod that is older than its target role keeps the role from before until it is created again', () => {
  const { serviceAccount } = annotated(TARGET);
  const later = read({ ...serviceAccount.value, annotatedAt: '2026-11-03T10:00:00Z' });
  const chain = healthyChain({ serviceAccount: later, pod: read(BY_AGENT) });
  assert.equal(verdictOf(pod, chain), 'broken POD_OLDER_THAN_ANNOTATION');
});
