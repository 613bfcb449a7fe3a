import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IDENTITY_CONFIG_MAP, SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import {
  expectApart,
  expectRestricted,
  type ManifestObject,
  onlyObject,
  readObjects,
  readVariables,
  settingsOf,
} from '../testing/manifest-files.ts';
import { webhookSettings } from '../webhook/settings.ts';

/** overlays/default as kustomize renders it: e2e/cases/install/manifests.test.ts holds the file to that. */
const objects = readObjects('install.yaml');
const deployment = onlyObject(objects, 'Deployment');
const { template } = deployment.spec;
const [container] = template.spec.containers;
const [command, ...flags] = container.args as string[];
const { webhooks } = onlyObject(objects, 'MutatingWebhookConfiguration');
const variables = { ...readVariables('base/webhook/settings.env'), PODROLE_NAMESPACE: 'podrole' };
const settings = settingsOf(webhookSettings, flags, variables);

test('the pod is what the restricted Pod Security Standard takes, and writes nothing to its image', () => {
  const { labels } = onlyObject(objects, 'Namespace').metadata;
  assert.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted');
  expectRestricted(template);
});

test('replicas are kept apart, never drained together, and replaced before they go', () => {
  expectApart(deployment, onlyObject(objects, 'PodDisruptionBudget'));
  assert.deepEqual(deployment.spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
});

test('a pod that ends gets the time of its delay, of the admission requests in flight, and some more', () => {
  assert.ok(settings.shutdownDelay > 0);
  const neededMs = settings.shutdownDelay + settings.shutdownGracePeriod;
  assert.ok(template.spec.terminationGracePeriodSeconds * 1_000 > neededMs);
});

test('the command line and the variables are settings of podrole webhook', () => {
  assert.equal(command, 'webhook');
  assert.equal(settings.inCluster, true);
  assert.equal(settings.serviceName, onlyObject(objects, 'Service').metadata.name);
  const { data, metadata } = onlyObject(objects, 'ConfigMap');
  assert.deepEqual(data, readVariables('base/webhook/settings.env'));
  assert.equal(container.envFrom[0].configMapRef.name, metadata.name);
  for (const { name } of container.env) settingsOf(webhookSettings, [], { [name]: 'anything' });
});

test('the injected sidecar has the image of the webhook', () => {
  const variable = container.env.find(({ name }: { name: string }) => name === 'PODROLE_SIDECAR_IMAGE');
  assert.equal(variable.value, container.image);
});

test('Service, probes and network policy lead to the ports that the webhook opens', () => {
  const port = { name: 'https', containerPort: settings.port };
  const metrics = { name: 'metrics', containerPort: settings.metricsPort };
  assert.deepEqual(container.ports, [port, metrics]);
  const { spec: service } = onlyObject(objects, 'Service');
  assert.deepEqual(service.selector, deployment.spec.selector.matchLabels);
  assert.equal(service.ports[0].targetPort, port.name);
  assert.deepEqual(container.livenessProbe.httpGet, { path: '/healthz', port: metrics.name });
  assert.deepEqual(container.startupProbe.httpGet, { path: '/healthz', port: metrics.name });
  assert.deepEqual(container.readinessProbe.httpGet, { path: '/readyz', port: metrics.name });
  const { spec: policy } = onlyObject(objects, 'NetworkPolicy');
  assert.deepEqual(policy.podSelector.matchLabels, deployment.spec.selector.matchLabels);
  const open = policy.ingress
    .flatMap(({ ports }: ManifestObject) => ports)
    .map(({ port }: ManifestObject) => port);
  assert.deepEqual(open, [port.name, metrics.name]);
});

test('the two entries of the webhook configuration differ only in name, failure policy, selectors and opt-out', () => {
  const [optional, required] = webhooks;
  const label = { key: 'podrole.dev/required', values: ['true'] };
  const { objectSelector: optOut, matchConditions: ordinary, ...optionalRest } = optional;
  const { objectSelector: noOptOut, matchConditions: strict, ...requiredRest } = required;
  assert.deepEqual(
    { ...optionalRest, name: '', failurePolicy: '', namespaceSelector: {} },
    { ...requiredRest, name: '', failurePolicy: '', namespaceSelector: {} },
  );
  assert.deepEqual(optOut.matchExpressions, [{ key: SKIP_POD_LABEL, operator: 'DoesNotExist' }]);
  assert.equal(noOptOut, undefined);
  assert.deepEqual(strict.slice(0, -1), ordinary);
  assert.equal(optional.failurePolicy, 'Ignore');
  assert.deepEqual(optional.namespaceSelector.matchExpressions, [{ ...label, operator: 'NotIn' }]);
  assert.equal(required.failurePolicy, 'Fail');
  assert.deepEqual(required.namespaceSelector.matchExpressions, [{ ...label, operator: 'In' }]);
  assert.ok(optional.timeoutSeconds <= 5);
  const { name, port, namespace } = optional.clientConfig.service;
  const { metadata, spec } = onlyObject(objects, 'Service');
  assert.deepEqual(
    { name, namespace, port },
    { name: metadata.name, namespace: metadata.namespace, port: spec.ports[0].port },
  );
});

test('the webhook never waits for itself: both entries exclude its pods by their label', () => {
  assert.ok(SKIP_POD_LABEL in template.metadata.labels);
  const [, required] = webhooks;
  const { expression } = required.matchConditions.at(-1);
  const { namespace } = onlyObject(objects, 'Service').metadata;
  assert.ok(expression.startsWith(`request.namespace != '${namespace}' || `), expression);
  assert.ok(expression.endsWith(`!('${SKIP_POD_LABEL}' in object.metadata.labels)`), expression);
});

test('the policy restricts the ServiceAccount of the webhook, for both objects that it may change', () => {
  const { name, namespace } = onlyObject(objects, 'ServiceAccount').metadata;
  const { spec, metadata } = onlyObject(objects, 'ValidatingAdmissionPolicy');
  assert.equal(
    spec.matchConditions[0].expression,
    `request.userInfo.username == 'system:serviceaccount:${namespace}:${name}'`,
  );
  assert.equal(spec.failurePolicy, 'Fail');
  const writable = objects
    .flatMap(({ rules = [] }) => rules)
    .filter(({ verbs }) => verbs.some((verb: string) => !['get', 'list', 'watch'].includes(verb)))
    .filter(({ resources, verbs }) => !(`${resources}` === 'events' && `${verbs}` === 'create'));
  const resourcesOf = (rules: readonly ManifestObject[]) =>
    rules.flatMap(({ resources }) => resources).toSorted();
  assert.deepEqual(resourcesOf(spec.matchConstraints.resourceRules), resourcesOf(writable));
  for (const { resourceNames } of writable) assert.equal(resourceNames.length, 1);
  assert.deepEqual(onlyObject(objects, 'ValidatingAdmissionPolicyBinding').spec, {
    policyName: metadata.name,
    validationActions: ['Deny'],
  });
});

test('the Secret says neither data nor type: what the webhook has written is not for the next apply to take away', () => {
  const { apiVersion, kind, metadata, ...rest } = onlyObject(objects, 'Secret');
  assert.deepEqual(rest, {});
  assert.deepEqual([metadata.name, metadata.namespace], [settings.tlsSecret, settings.namespace]);
});

test('the rights name the objects that the settings name', () => {
  const named = objects.flatMap(({ rules = [] }) => rules).flatMap(({ resourceNames = [] }) => resourceNames);
  assert.deepEqual(named.toSorted(), [
    IDENTITY_CONFIG_MAP.name,
    settings.webhookConfiguration,
    settings.tlsSecret,
  ]);
  const accounts = objects.flatMap(({ subjects = [] }) => subjects);
  assert.ok(accounts.length > 0);
  for (const account of accounts) {
    assert.deepEqual(account, {
      kind: 'ServiceAccount',
      name: template.spec.serviceAccountName,
      namespace: settings.namespace,
    });
  }
});

test('with cert-manager the certificate is where the webhook looks for it by default', () => {
  const [{ spec }] = readObjects('overlays/cert-manager/deployment.yaml');
  const { containers, volumes } = spec.template.spec;
  const [{ mountPath }] = containers[0].volumeMounts;
  const files = volumes[0].secret.items.map(({ path }: { path: string }) => `${mountPath}/${path}`);
  assert.deepEqual(files, [webhookSettings.tlsCert.default, webhookSettings.tlsKey.default]);
  const [certificate] = readObjects('overlays/cert-manager/certificate.yaml').filter(
    ({ spec: { secretName } }) => secretName === volumes[0].secret.secretName,
  );
  const { name, namespace } = webhooks[0].clientConfig.service;
  assert.deepEqual(certificate.spec.dnsNames, [`${name}.${namespace}.svc`]);
  const [{ metadata }] = readObjects('overlays/cert-manager/mutatingwebhookconfiguration.yaml');
  assert.deepEqual(Object.values(metadata.annotations), [`${namespace}/${certificate.metadata.name}`]);
});
