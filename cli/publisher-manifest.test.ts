import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { flagName, readSettings, variableName } from '../lib/settings.ts';
import { publishSettings } from '../oidc/settings.ts';

const FOLDER = new URL('../manifests/publisher/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
const kustomization = parse(read('kustomization.yaml'));
const objects = (kustomization.resources as string[]).flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => document.toJS()),
);
const only = (kind: string) => {
  const found = objects.filter((object) => object.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0];
};
const { spec: deployment } = only('Deployment');
const { spec: pod, metadata: podMetadata } = deployment.template;
const variables = Object.fromEntries(
  read('settings.env')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split(/=(.*)/s).slice(0, 2)),
);
const [, bucket] = /^s3:\/\/([^/]+)$/.exec(variables['PODROLE_TO']) ?? [];

test('every file of the folder is used', () => {
  const used = [
    ...kustomization.resources,
    ...kustomization.configMapGenerator.flatMap((one: { envs: string[] }) => one.envs),
  ];
  const other = ['kustomization.yaml', 'policy.json'];
  assert.deepEqual(readdirSync(FOLDER).toSorted(), [...used, ...other].toSorted());
});

test('the pod is what the restricted Pod Security Standard takes, and writes nothing to its image', () => {
  assert.equal(only('Namespace').metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.ok(pod.securityContext.runAsUser > 0);
  assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes']) assert.equal(pod[name], undefined);
  for (const { securityContext, resources } of pod.containers) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
  }
});

test('the command line and the variables are settings of podrole publish, and can work together', () => {
  const [{ args, envFrom }] = pod.containers;
  const [command, ...flags] = args as string[];
  assert.equal(command, 'publish');
  const names = Object.keys(publishSettings);
  const given = Object.fromEntries(
    flags.map((flag) => {
      const [, written, value = 'true'] = /^--([a-z-]+)(?:=(.*))?$/.exec(flag) ?? [];
      return [names.find((name) => flagName(name) === written) ?? assert.fail(`unknown flag ${flag}`), value];
    }),
  );
  for (const variable of Object.keys(variables).filter((name) => name.startsWith('PODROLE_'))) {
    assert.ok(
      names.some((name) => variableName(name) === variable),
      `unknown variable ${variable}`,
    );
  }
  const settings = readSettings(publishSettings, given, variables);
  assert.equal(settings.watch, true);
  assert.ok(settings.leaderElect && deployment.replicas > 1);
  assert.equal(envFrom[0].configMapRef.name, kustomization.configMapGenerator[0].name);
  const [{ ports, livenessProbe, readinessProbe }] = pod.containers;
  assert.deepEqual(ports, [{ name: 'metrics', containerPort: settings.metricsPort }]);
  assert.deepEqual(livenessProbe.httpGet, { path: '/healthz', port: 'metrics' });
  assert.deepEqual(readinessProbe.httpGet, { path: '/readyz', port: 'metrics' });
});

test('replicas are kept apart, and never drained together', () => {
  const { labels } = podMetadata;
  assert.deepEqual(deployment.selector.matchLabels, labels);
  const { spec: budget } = only('PodDisruptionBudget');
  assert.deepEqual(budget.selector.matchLabels, labels);
  assert.ok(budget.maxUnavailable < deployment.replicas);
  for (const { labelSelector } of pod.topologySpreadConstraints) {
    assert.deepEqual(labelSelector.matchLabels, labels);
  }
});

test('the ServiceAccount may use one Lease and read the issuer, nothing more', () => {
  const account = {
    kind: 'ServiceAccount',
    name: pod.serviceAccountName,
    namespace: kustomization.namespace,
  };
  assert.equal(only('ServiceAccount').metadata.name, account.name);
  for (const kind of ['RoleBinding', 'ClusterRoleBinding']) assert.deepEqual(only(kind).subjects, [account]);
  assert.equal(only('ClusterRoleBinding').roleRef.name, 'system:service-account-issuer-discovery');
  assert.equal(only('RoleBinding').roleRef.name, only('Role').metadata.name);
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  const resourceNames = [publishSettings.leaseName.fallback];
  assert.deepEqual(only('Role').rules, [
    { ...leases, verbs: ['create'] },
    { ...leases, resourceNames, verbs: ['get', 'update'] },
  ]);
});

test('kustomize puts no hash behind the name of the Lease: it takes every resourceNames for a reference', () => {
  const generated = kustomization.configMapGenerator.map(({ name }: { name: string }) => name);
  for (const { resourceNames = [] } of only('Role').rules) {
    for (const name of resourceNames) assert.ok(!generated.includes(name));
  }
});

test('the policy allows what publishing takes, in the bucket of the settings', () => {
  const statements: { Action: string | string[]; Resource: string }[] = JSON.parse(
    read('policy.json'),
  ).Statement;
  const allowed = statements.flatMap(({ Action, Resource }) =>
    [Action].flat().map((action) => `${action} ${Resource}`),
  );
  assert.deepEqual(allowed.toSorted(), [
    `s3:GetObject arn:aws:s3:::${bucket}/*`,
    `s3:ListBucket arn:aws:s3:::${bucket}`,
    `s3:PutObject arn:aws:s3:::${bucket}/*`,
  ]);
});
