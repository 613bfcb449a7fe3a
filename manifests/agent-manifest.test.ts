import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { agentSettings } from '../agent/settings.ts';
import { SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import { redirectSettings } from '../redirect/settings.ts';
import {
  type ManifestObject,
  onlyObject,
  readManifest,
  readObjects,
  readVariables,
  settingsOf,
} from '../testing/manifest-files.ts';

const overlay = parse(readManifest('overlays/agent/kustomization.yaml'));
const base = parse(readManifest('base/agent/kustomization.yaml'));
const objects = [
  ...(base.resources as string[]).flatMap((file) => readObjects(`base/agent/${file}`)),
  ...readObjects('overlays/agent/event-policy.yaml'),
];
const { spec: daemonSet } = onlyObject(objects, 'DaemonSet');
const { metadata, spec: pod } = daemonSet.template;
const [agent, ...otherContainers] = pod.containers;
const [rules, ...otherInitContainers] = pod.initContainers;
const variables = readVariables('overlays/agent/settings.env');

test('the settings are those of podrole agent, and can work together', () => {
  const [command, ...flags] = agent.args as string[];
  assert.equal(command, 'agent');
  const given = { ...variables, PODROLE_NODE_NAME: 'node-1' };
  const settings = settingsOf(agentSettings, flags, given);
  assert.equal(settings.checkRules, true);
  assert.equal(settings.metricsHost, '127.0.0.1');
  for (const probe of [agent.startupProbe, agent.livenessProbe, agent.readinessProbe]) {
    assert.equal(probe.httpGet.port, settings.metricsPort);
    assert.equal(probe.httpGet.host, settings.metricsHost);
  }
  assert.deepEqual(
    [agent.livenessProbe.httpGet.path, agent.readinessProbe.httpGet.path],
    ['/healthz', '/readyz'],
  );
  const [{ mountPath }] = agent.volumeMounts;
  assert.equal(mountPath, settings.kubeletPodsFolder);
  assert.ok(pod.terminationGracePeriodSeconds * 1_000 > settings.shutdownDelay + 12_000);
  for (const { envFrom } of [agent, rules])
    assert.equal(envFrom[0].configMapRef.name, overlay.configMapGenerator[0].name);
});

test('the rules lead to the port of the agent, and are loaded before it starts', () => {
  const [command, ...flags] = rules.args as string[];
  assert.equal(command, 'redirect');
  const { node, watch, agentPort } = settingsOf(redirectSettings, flags, {
    PODROLE_NODE_ADDRESS: '192.0.2.1',
  });
  assert.deepEqual([node, watch, agentPort], [true, true, agentSettings.port.default]);
  assert.equal(rules.restartPolicy, 'Always');
  const [program, ...check] = rules.startupProbe.exec.command;
  assert.deepEqual([program, ...check], ['podrole', 'redirect', '--node', '--check']);
  assert.equal(rules.image, agent.image);
});

test('each container has one capability, and only the agent has files and a token', () => {
  assert.deepEqual([otherContainers, otherInitContainers], [[], []]);
  const security = (...add: readonly string[]) => ({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add },
  });
  assert.deepEqual(rules.securityContext, security('NET_ADMIN'));
  assert.deepEqual(agent.securityContext, security('DAC_READ_SEARCH'));
  assert.equal(rules.volumeMounts, undefined);
  assert.equal(pod.automountServiceAccountToken, false);
  assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
  assert.deepEqual([pod.hostPID, pod.hostIPC, pod.hostNetwork], [undefined, undefined, true]);
  const volumes = pod.volumes as ManifestObject[];
  assert.deepEqual(
    volumes.flatMap(({ hostPath }) => hostPath?.path ?? []),
    ['/var/lib/kubelet/pods'],
  );
  for (const { readOnly } of agent.volumeMounts) assert.equal(readOnly, true);
  assert.equal(agent.volumeMounts[0].mountPropagation, 'HostToContainer');
});

test('a new agent starts beside the old one: no port is declared, and none is unavailable', () => {
  assert.deepEqual(daemonSet.updateStrategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  for (const { ports } of [agent, rules]) assert.equal(ports, undefined);
});

test('it runs on every node, before other pods, and never waits for the webhook', () => {
  assert.deepEqual(pod.tolerations, [{ operator: 'Exists' }]);
  assert.equal(pod.priorityClassName, 'system-node-critical');
  const { values } = onlyObject(objects, 'ResourceQuota').spec.scopeSelector.matchExpressions[0];
  assert.deepEqual(values, [pod.priorityClassName]);
  assert.ok(SKIP_POD_LABEL in metadata.labels);
  for (const [name, value] of Object.entries(daemonSet.selector.matchLabels))
    assert.equal(metadata.labels[name], value);
});

test('the ServiceAccount reads pods and creates Events, which a policy limits', () => {
  const account = { kind: 'ServiceAccount', name: pod.serviceAccountName, namespace: base.namespace };
  assert.equal(onlyObject(objects, 'ServiceAccount').metadata.name, account.name);
  for (const { kind, subjects } of objects)
    if (kind.endsWith('Binding') && subjects) assert.deepEqual(subjects, [account]);
  assert.deepEqual(onlyObject(objects, 'ClusterRole').rules, [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ]);
  const { spec } = onlyObject(objects, 'ValidatingAdmissionPolicy');
  assert.equal(
    spec.matchConditions[0].expression,
    `request.userInfo.username == 'system:serviceaccount:${account.namespace}:${account.name}'`,
  );
  assert.equal(spec.failurePolicy, 'Fail');
});

test('its namespace is its own, since no other standard admits it', () => {
  const namespace = onlyObject(readObjects('overlays/agent/namespace.yaml'), 'Namespace').metadata;
  assert.equal(namespace.name, base.namespace);
  assert.equal(namespace.labels['pod-security.kubernetes.io/enforce'], 'privileged');
  assert.equal(overlay.configMapGenerator[0].namespace, base.namespace);
});
