/**
 * Containers that other webhooks add, maybe after podrole has seen the pod: their names in `skip-containers`
 * are right, although the pod does not have them yet.
 */
const ADDED_BY_WEBHOOKS: readonly string[] = [
  // Service meshes: Istio, Linkerd, Consul, Kuma, App Mesh, Open Service Mesh
  'istio-proxy',
  'istio-init',
  'istio-validation',
  'enable-core-dump',
  'linkerd-proxy',
  'linkerd-init',
  'linkerd-network-validator',
  'linkerd-debug',
  'consul-dataplane',
  'consul-connect-inject-init',
  'kuma-sidecar',
  'kuma-init',
  'kuma-validation',
  'envoy',
  'envoy-sidecar',
  'proxyinit',
  'osm-init',
  // Others: Vault, Dapr, AWS X-Ray, OpenTelemetry, Jaeger, Datadog, GKE, Azure workload identity
  'vault-agent',
  'vault-agent-init',
  'daprd',
  'xray-daemon',
  'otc-container',
  'jaeger-agent',
  'datadog-agent-injected',
  'datadog-init-apm-inject',
  'gke-gcsfuse-sidecar',
  'azwi-proxy',
  'azwi-proxy-init',
];

/** Beginning of names that are followed by a language or a number. */
const BEGINNINGS: readonly string[] = ['opentelemetry-auto-instrumentation', 'datadog-lib-'];

/** True for a container that a well-known webhook adds. */
export function isAddedByWebhook(name: string): boolean {
  return ADDED_BY_WEBHOOKS.includes(name) || BEGINNINGS.some((beginning) => name.startsWith(beginning));
}
