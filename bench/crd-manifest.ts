import { stringify } from 'yaml';

const CRDS = 3;
const CRD_BYTES = 620_000;
const WORKLOADS = 7;
const CONFIG_MAPS = 43;

/**
 * Returns a manifest like the one that installs Argo CD: 1.9 MB, of which three
 * CustomResourceDefinitions with deeply nested schemas make up nearly all, and fifty small objects.
 */
export function crdManifest(): string {
  const definitions = Array.from({ length: CRDS }, (_, at) => definition(`Generated${at}`));
  const workloads = Array.from({ length: WORKLOADS }, (_, at) => workload(`server-${at}`));
  const configMaps = Array.from({ length: CONFIG_MAPS }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${at}`, labels: { 'app.kubernetes.io/part-of': 'generated' } },
    data: { 'policy.csv': 'p, role:admin, *, *, */*, allow\n', 'timeout.seconds': '180' },
  }));
  return [...definitions, ...workloads, ...configMaps].map((object) => stringify(object)).join('---\n');
}

function definition(kind: string): unknown {
  const names = { kind, listKind: `${kind}List`, plural: `${kind.toLowerCase()}s` };
  const properties: Record<string, unknown> = {};
  for (let bytes = 0, at = 0; bytes < CRD_BYTES; at += 1) {
    const property = schema(4);
    properties[`property${at}`] = property;
    bytes += stringify({ property }, { indent: 2 }).length * 1.5;
  }
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.example.com` },
    spec: {
      group: 'example.com',
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/** Schema of an object whose members are objects, this many levels deep. */
function schema(depth: number): unknown {
  const text = { type: 'string', description: 'Name of the object that is referred to: any of its kind.' };
  if (depth === 0) return text;
  const required = ['name', 'value'];
  return {
    type: 'object',
    description: 'Rules that select what is generated, and when it is generated again.',
    properties: { name: text, value: schema(depth - 1), list: { type: 'array', items: schema(depth - 1) } },
    required,
  };
}

function workload(name: string): unknown {
  const labels = { 'app.kubernetes.io/name': name };
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 30 };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'server',
          containers: [{ name: 'server', image: 'registry.example/server:1', livenessProbe: probe }],
        },
      },
    },
  };
}
