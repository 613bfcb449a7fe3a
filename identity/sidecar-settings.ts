import { DEFAULT_SIDECAR_METRICS_PORT, DEFAULT_SIDECAR_PORT } from '../lib/contract/podrole.ts';
import { choice, integer, matching, type Setting, type SettingsOf, text } from '../lib/settings/settings.ts';

/** As Kubernetes writes an amount of CPU or memory; empty for none. [k8s] Quantity */
const QUANTITY = /^(\d+(\.\d+)?(m|[kMG]|[KMG]i)?)?$/;

/**
 * What the sidecar is that `podrole.dev/sidecar` asks for. Measured: 19 MiB of its own at rest and 21 after 20,000 requests, 0.3 s of CPU to
 * start and 0.1 ms a request. The first on a node is also charged with the pages of Node's file that it reads, which are given back
 * when memory is short: hence the distance of the limit (docs/adr/0020).
 */
export const injectedSidecarSettings = {
  sidecarImage: text('<image>', '', 'Image of the injected sidecar; without it none is injected'),
  sidecarMode: choice(
    ['native', 'container'],
    'native',
    'How the sidecar is injected; container is for Kubernetes before 1.29, see docs/sidecar-in-pods.md',
  ),
  // Without a capability no process opens a port below that.
  sidecarPort: integer(
    { min: 1_024, max: 65_535 },
    '<port>',
    DEFAULT_SIDECAR_PORT,
    'Port of the sidecar, on the loopback addresses of the pod',
  ),
  sidecarMetricsPort: integer(
    { min: 1_024, max: 65_535 },
    '<port>',
    DEFAULT_SIDECAR_METRICS_PORT,
    'Port of its health and metrics, on the loopback address of the pod',
  ),
  sidecarImdsv2: choice(
    ['optional', 'required'],
    'optional',
    'In metadata mode. optional: the sidecar answers requests with and without a session token (IMDSv1 and v2); required: only with one',
  ),
  sidecarCpuRequest: quantity('10m', 'CPU that the sidecar requests'),
  sidecarMemoryRequest: quantity('32Mi', 'Memory that the sidecar requests'),
  sidecarCpuLimit: quantity('', 'Most CPU of the sidecar'),
  sidecarMemoryLimit: quantity('128Mi', 'Most memory of the sidecar'),
} as const;

export type InjectedSidecarSettings = SettingsOf<typeof injectedSidecarSettings>;

function quantity(fallback: string, help: string): Setting<string> {
  return matching(QUANTITY, 'a quantity such as 10m or 64Mi', '<quantity>', fallback, help);
}
