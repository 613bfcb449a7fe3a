import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ManifestObject, onlyObject } from '../../../testing/manifest-files.ts';
import {
  helm,
  helmTemplate,
  lintChart,
  MANIFESTS,
  objectsByKey,
} from '../../setup/install/manifest-renderers.ts';

/** Each value of the chart in the real helm. */
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const render = async (...values: readonly string[]) =>
  Object.values(objectsByKey(await helmTemplate(...values)));
const webhookOf = (objects: readonly ManifestObject[]) =>
  onlyObject(objects, 'Deployment', 'podrole-webhook');
const podOf = (objects: readonly ManifestObject[]) => webhookOf(objects).spec.template.spec;
const entriesOf = (objects: readonly ManifestObject[]) =>
  onlyObject(objects, 'MutatingWebhookConfiguration').webhooks;
const publisher = ['publisher.enabled=true', 'publisher.settings.PODROLE_TO=s3://x'];

interface ValuesCase {
  readonly values: readonly string[];
  readonly shows: (objects: readonly ManifestObject[]) => unknown;
  readonly expected: unknown;
}
const affinity = 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]';
const ofEach = (shows: (spec: ManifestObject) => unknown) => (objects: readonly ManifestObject[]) =>
  ['webhook', 'publisher'].map((one) =>
    shows(onlyObject(objects, 'Deployment', `podrole-${one}`).spec.template),
  );
const both = (...values: readonly string[]) => [
  ...publisher,
  ...values.flatMap((value) => [`webhook.${value}`, `publisher.${value}`]),
];
const twice = (value: unknown) => [value, value];
const cases: readonly ValuesCase[] = [
  {
    // YAML would cut the name at the #, and the webhook would accept another client.
    values: ['webhook.clientCa.configMap=c', 'webhook.clientCa.names={api #1: "x"}'],
    shows: (objects) => podOf(objects).containers[0].args.filter((arg: string) => /client-name/.test(arg)),
    expected: ['--client-name=api #1: "x"'],
  },
  {
    // Names that YAML takes for numbers.
    values: ['nameOverride=1e3', 'webhook.priorityClassName=2e3'],
    shows: (objects) => [
      podOf(objects).priorityClassName,
      webhookOf(objects).spec.selector.matchLabels['app.kubernetes.io/name'],
    ],
    expected: ['2e3', '1e3'],
  },
  {
    values: ['image.registry=registry.example.com:5000', `image.digest=${DIGEST}`],
    shows: (objects) => [podOf(objects).containers[0].image, podOf(objects).containers[0].env[1].value],
    expected: twice(`registry.example.com:5000/podrole@${DIGEST}`),
  },
  {
    values: ['image.tag=1.2.3', `image.digest=${DIGEST}`],
    shows: (objects) => podOf(objects).containers[0].image,
    expected: `podrole:1.2.3@${DIGEST}`,
  },
  {
    values: both('podLabels.team=a', 'podAnnotations.note=b').concat('commonLabels.cost=c'),
    shows: ofEach(({ metadata: { labels, annotations } }) => [labels.team, annotations.note, labels.cost]),
    expected: twice(['a', 'b', 'c']),
  },
  {
    values: ['commonLabels.cost=c', ...publisher, 'monitoring.enabled=true', 'certManager.enabled=true'],
    shows: (objects) => objects.filter(({ metadata }) => metadata.labels.cost !== 'c'),
    expected: [],
  },
  {
    values: both('extraEnv[0].name=HTTPS_PROXY', 'extraEnv[0].value=http://proxy:3128'),
    shows: ofEach(({ spec }) => spec.containers[0].env.at(-1)),
    expected: twice({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }),
  },
  {
    values: both(
      ...['extraVolumes[0].name=more', 'extraVolumes[0].configMap.name=more'],
      ...['extraVolumeMounts[0].name=more', 'extraVolumeMounts[0].mountPath=/more'],
    ),
    shows: ofEach(({ spec }) => [spec.volumes, spec.containers[0].volumeMounts]),
    expected: twice([
      [{ name: 'more', configMap: { name: 'more' } }],
      [{ name: 'more', mountPath: '/more' }],
    ]),
  },
  {
    values: both(
      `${affinity}.matchExpressions[0].key=a`,
      'nodeSelector.b=c',
      'tolerations[0].operator=Exists',
    ),
    shows: ofEach(({ spec }) => [Object.keys(spec.affinity), spec.nodeSelector, spec.tolerations]),
    expected: twice([['nodeAffinity'], { b: 'c' }, [{ operator: 'Exists' }]]),
  },
  {
    values: both(
      ...['maxSkew=1', 'topologyKey=rack', 'whenUnsatisfiable=DoNotSchedule'].map(
        (value) => `topologySpreadConstraints[0].${value}`,
      ),
    ),
    shows: ofEach(({ spec }) => spec.topologySpreadConstraints.map((one: ManifestObject) => one.topologyKey)),
    expected: twice(['rack']),
  },
  {
    values: both('podSecurityContext.runAsUser=null', 'podSecurityContext.runAsGroup=null'),
    shows: ofEach(({ spec }) => spec.securityContext),
    expected: twice({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
  },
  {
    values: ['webhook.hostNetwork=true', 'webhook.port=10250', 'webhook.metricsPort=10251'],
    shows: (objects) => [
      podOf(objects).hostNetwork,
      podOf(objects).dnsPolicy,
      podOf(objects).containers[0].ports.map((port: ManifestObject) => port.containerPort),
      podOf(objects).containers[0].args.filter((arg: string) => /port=/.test(arg)),
      webhookOf(objects).spec.strategy.rollingUpdate,
    ],
    expected: [
      true,
      'ClusterFirstWithHostNet',
      [10_250, 10_251],
      ['--port=10250', '--metrics-port=10251'],
      { maxSurge: 0, maxUnavailable: 1 },
    ],
  },
  {
    values: [
      'webhook.timeoutSeconds=3',
      'webhook.failurePolicy=Fail',
      'webhook.excludedNamespaces={kube-system}',
    ],
    shows: (objects) =>
      entriesOf(objects).map(({ timeoutSeconds, failurePolicy, namespaceSelector }: ManifestObject) => [
        timeoutSeconds,
        failurePolicy,
        namespaceSelector.matchExpressions.at(-1).values,
      ]),
    expected: [
      [3, 'Fail', ['kube-system']],
      [3, 'Fail', ['true']],
    ],
  },
  {
    values: both('networkPolicy.enabled=false', 'podDisruptionBudget.enabled=false'),
    shows: (objects) => objects.filter(({ kind }) => /^(NetworkPolicy|PodDisruptionBudget)$/.test(kind)),
    expected: [],
  },
  {
    values: [...publisher, 'publisher.priorityClassName=system-node-critical'],
    shows: (objects) => onlyObject(objects, 'ResourceQuota').spec.scopeSelector.matchExpressions[0].values,
    expected: ['system-cluster-critical', 'system-node-critical'],
  },
  {
    values: ['webhook.serviceAccountAnnotations.a=b'],
    shows: (objects) => onlyObject(objects, 'ServiceAccount').metadata.annotations,
    expected: { a: 'b' },
  },
  {
    values: ['monitoring.enabled=true', 'monitoring.labels.release=prometheus', 'monitoring.interval=15s'],
    shows: (objects) => [
      onlyObject(objects, 'PrometheusRule').metadata.labels.release,
      ...objects
        .filter(({ kind }) => kind === 'ServiceMonitor')
        .flatMap(({ metadata, spec }) => [metadata.labels.release, spec.endpoints[0].interval]),
    ],
    expected: ['prometheus', 'prometheus', '15s', 'prometheus', '15s'],
  },
  {
    values: ['monitoring.enabled=true', 'monitoring.runbookUrl=https://wiki.example.com/podrole'],
    shows: (objects) => onlyObject(objects, 'PrometheusRule').spec.groups[0].rules[0].annotations.runbook_url,
    expected: 'https://wiki.example.com/podrole#podrolewebhookdown',
  },
  {
    values: ['webhook.settings.PODROLE_TOKEN_EXPIRATION=1000000', 'webhook.settings.PODROLE_EVENTS=false'],
    shows: (objects) => onlyObject(objects, 'ConfigMap').data,
    expected: { PODROLE_AWS_REGION: '', PODROLE_EVENTS: 'false', PODROLE_TOKEN_EXPIRATION: '1000000' },
  },
];
for (const { values, shows, expected } of cases) {
  test(`helm renders ${values.join(' ')}`, async () => {
    assert.deepEqual(shows(await render(...values)), expected);
    const { code, stdout, stderr } = await lintChart(...values);
    assert.equal(code, 0, stdout + stderr);
  });
}

test('other names are used everywhere: no object and no reference keeps the default', async () => {
  const more = ['monitoring.enabled=true', ...publisher];
  for (const how of [[], ['certManager.enabled=true']]) {
    const rendered = await helmTemplate('fullnameOverride=other', 'nameOverride=app', ...more, ...how);
    const objects = Object.values(objectsByKey(rendered));
    for (const { kind, metadata } of objects) assert.match(metadata.name, /^other\b/, kind);
    const foreign = /podrole-(webhook|publisher|metrics|dashboard)(?! may)/;
    const words = objects.filter(({ kind }) => kind !== 'PrometheusRule' && kind !== 'ConfigMap');
    assert.doesNotMatch(JSON.stringify(words), foreign);
    for (const { kind, spec, metadata } of objects) {
      if (kind !== 'Deployment') continue;
      assert.equal(spec.selector.matchLabels['app.kubernetes.io/name'], 'app');
      const budget = onlyObject(objects, 'PodDisruptionBudget', metadata.name).spec;
      assert.deepEqual(budget.selector.matchLabels, spec.selector.matchLabels);
      const policy = onlyObject(objects, 'NetworkPolicy', metadata.name).spec;
      assert.deepEqual(policy.podSelector.matchLabels, spec.selector.matchLabels);
    }
  }
});

const notes: readonly { values: readonly string[]; says: RegExp }[] = [
  { values: ['webhook.replicas=1'], says: /WARNING: webhook\.replicas is 1\./ },
  { values: [...publisher, 'publisher.replicas=1'], says: /WARNING: publisher\.replicas is 1\./ },
  { values: ['webhook.networkPolicy.enabled=false'], says: /WARNING: webhook\.networkPolicy/ },
  { values: ['webhook.podDisruptionBudget.enabled=false'], says: /WARNING: webhook\.podDisruptionBudget/ },
  { values: ['webhook.excludedNamespaces={batch}'], says: /WARNING: pods in these namespaces.*batch/ },
  { values: ['webhook.hostNetwork=true'], says: /enforce=privileged/ },
  { values: ['agent.enabled=true,agent.settings.AWS_REGION=eu-west-1'], says: /-agent.*=privileged/ },
  { values: [], says: /^(?!.*WARNING).*enforce=restricted/s },
];
for (const { values, says } of notes) {
  test(`the notes after an installation with ${values.join(' ') || 'the defaults'} match ${says}`, async () => {
    const set = values.map((value) => `--set=${value}`);
    const { stdout } = await helm(
      ...['install', 'podrole', `${MANIFESTS}/helm`, '--namespace=podrole', '--dry-run=client', ...set],
    );
    assert.match(stdout.slice(stdout.indexOf('NOTES:')), says);
  });
}
