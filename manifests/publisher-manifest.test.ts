import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { publishSettings } from '../oidc/settings.ts';
import {
  expectApart,
  expectRestricted,
  onlyObject,
  readManifest,
  readObjects,
  readVariables,
  settingsOf,
} from '../testing/manifest-files.ts';

const kustomization = parse(readManifest('overlays/publisher/kustomization.yaml'));
const base = parse(readManifest('base/publisher/kustomization.yaml'));
const objects = (base.resources as string[]).flatMap((file) => readObjects(`base/publisher/${file}`));
const deployment = onlyObject(objects, 'Deployment');
const { template } = deployment.spec;
const variables = readVariables('overlays/publisher/settings.env');
const [, bucket] = /^s3:\/\/([^/]+)$/.exec(variables['PODROLE_TO'] ?? '') ?? [];

test('the pod is what the restricted Pod Security Standard takes, and writes nothing to its image', () =>
  expectRestricted(template));

test('replicas are kept apart, and never drained together', () =>
  expectApart(deployment, onlyObject(objects, 'PodDisruptionBudget')));

test('the command line and the variables are settings of podrole publish, and can work together', () => {
  const [{ args, envFrom, ports, livenessProbe, readinessProbe }] = template.spec.containers;
  const [command, ...flags] = args as string[];
  assert.equal(command, 'publish');
  const settings = settingsOf(publishSettings, flags, variables);
  assert.equal(settings.watch, true);
  assert.ok(settings.leaderElect && deployment.spec.replicas > 1);
  assert.equal(envFrom[0].configMapRef.name, kustomization.configMapGenerator[0].name);
  assert.deepEqual(ports, [{ name: 'metrics', containerPort: settings.metricsPort }]);
  assert.deepEqual(livenessProbe.httpGet, { path: '/healthz', port: 'metrics' });
  assert.deepEqual(readinessProbe.httpGet, { path: '/readyz', port: 'metrics' });
});

test('the ServiceAccount may use one Lease and read the issuer, nothing more', () => {
  const account = {
    kind: 'ServiceAccount',
    name: template.spec.serviceAccountName,
    namespace: base.namespace,
  };
  assert.equal(onlyObject(objects, 'ServiceAccount').metadata.name, account.name);
  for (const kind of ['RoleBinding', 'ClusterRoleBinding'])
    assert.deepEqual(onlyObject(objects, kind).subjects, [account]);
  assert.equal(
    onlyObject(objects, 'ClusterRoleBinding').roleRef.name,
    'system:service-account-issuer-discovery',
  );
  assert.equal(onlyObject(objects, 'RoleBinding').roleRef.name, onlyObject(objects, 'Role').metadata.name);
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  const resourceNames = [publishSettings.leaseName.default];
  assert.deepEqual(onlyObject(objects, 'Role').rules, [
    { ...leases, verbs: ['create'] },
    { ...leases, resourceNames, verbs: ['get', 'update'] },
  ]);
});

test('kustomize puts no hash behind the name of the Lease: it takes every resourceNames for a reference', () => {
  const generated = kustomization.configMapGenerator.map(({ name }: { name: string }) => name);
  for (const { resourceNames = [] } of onlyObject(objects, 'Role').rules) {
    for (const name of resourceNames) assert.ok(!generated.includes(name));
  }
});

test('the policy allows what publishing takes, in the bucket of the settings', () => {
  const statements: { Action: string | string[]; Resource: string }[] = JSON.parse(
    readManifest('overlays/publisher/policy.json'),
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
