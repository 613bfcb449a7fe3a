import {
  DEFAULT_SIDECAR_METRICS_PORT,
  DEFAULT_SIDECAR_PORT,
  SIDECAR_MODES,
} from '../../lib/contract/podrole.ts';
import { choice, integer, matching, string } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { CLUSTER_NAME, CLUSTER_NAME_RULE } from '../../lib/target-role.ts';
import { isProxyUrl } from './endpoint-settings.ts';

/** Amount of CPU or memory in the notation of Kubernetes; empty for none. [k8s] Quantity */
const quantity = {
  value: '<quantity>',
  pattern: /^(\d+(\.\d+)?(m|[kMG]|[KMG]i)?)?$/,
  expected: 'a quantity such as 10m or 64Mi',
} as const;

/** Kubernetes expands `$(NAME)` in the value of a variable, so `$` is left out. */
const NO_PROXY = /^[A-Za-z0-9.*:/[\], _-]+$/;

/** The sidecar has no capabilities, so it cannot open a port below 1024. */
const unprivilegedPort = { value: '<port>', min: 1_024, max: 65_535 } as const;

/**
 * Settings of the sidecar that `podrole.dev/sidecar` adds to a pod. Measured: 19 MiB of its own when idle and
 * 21 after 20,000 requests, 0.3 s of CPU to start and 0.1 ms per request. The first sidecar on a node is also
 * charged for the pages of Node's file that it reads, which the kernel takes back when memory is short. That
 * is why the limit is so far above the request (docs/adr/0020).
 */
export const injectedSidecarSettings = {
  sidecarDefault: choice({
    values: ['none', ...SIDECAR_MODES],
    default: 'none',
    help: 'What pods with a role get without the annotation podrole.dev/sidecar; agent: podrole agent on the node serves them',
  }),
  sidecarImage: string({
    value: '<image>',
    default: '',
    help: 'Image of the injected sidecar; no sidecar is injected if it is not set',
  }),
  sidecarMode: choice({
    values: ['native', 'container'],
    default: 'native',
    help: 'Kind of container; use container before Kubernetes 1.29, see docs/sidecar-in-pods.md',
  }),
  sidecarPort: integer({
    ...unprivilegedPort,
    default: DEFAULT_SIDECAR_PORT,
    help: "Port of the sidecar, on the pod's loopback addresses",
  }),
  sidecarMetricsPort: integer({
    ...unprivilegedPort,
    default: DEFAULT_SIDECAR_METRICS_PORT,
    help: "Port of the sidecar's health and metrics, on the pod's loopback address",
  }),
  sidecarImdsv2: choice({
    values: ['optional', 'required'],
    default: 'optional',
    help: 'Only in metadata mode. optional: answer requests with and without a session token (IMDSv1 and v2); required: only with one',
  }),
  sidecarHttpsProxy: matching({
    value: '<url>',
    pattern: { test: isProxyUrl },
    expected: 'the http or https URL of a proxy, such as http://proxy.example.com:3128',
    default: '',
    isSecret: true,
    help: "Proxy that the sidecar uses to reach STS if the pod's own containers name none",
  }),
  sidecarNoProxy: matching({
    value: '<hosts>',
    pattern: NO_PROXY,
    expected: 'host names, suffixes or addresses, separated by commas',
    default: '',
    help: 'Hosts that the sidecar reaches without --sidecar-https-proxy, as in NO_PROXY',
  }),
  clusterName: matching({
    value: '<name>',
    pattern: CLUSTER_NAME,
    expected: CLUSTER_NAME_RULE,
    default: '',
    help: 'Name of this cluster in the external id and the session tags of target roles, which need it if a sidecar assumes them',
  }),
  sidecarCpuRequest: matching({ ...quantity, default: '10m', help: 'CPU request of the sidecar' }),
  sidecarMemoryRequest: matching({ ...quantity, default: '32Mi', help: 'Memory request of the sidecar' }),
  sidecarCpuLimit: matching({
    ...quantity,
    default: '',
    shownDefault: 'no limit',
    help: 'CPU limit of the sidecar',
  }),
  sidecarMemoryLimit: matching({ ...quantity, default: '128Mi', help: 'Memory limit of the sidecar' }),
} as const;

export type InjectedSidecarSettings = SettingsOf<typeof injectedSidecarSettings>;
