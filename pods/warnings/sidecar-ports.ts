import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { asObject, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import type { Oddity } from './oddity.ts';

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
const PROBE_KINDS = ['httpGet', 'tcpSocket', 'grpc'] as const;

/**
 * Returns the ports of a container that the sidecar needs too: all containers of a pod share its network. A
 * hostPort does not matter, since it is a port of the node, where podrole adds no sidecar.
 */
export function takenPorts(
  container: JsonObject,
  { sidecarPort, sidecarMetricsPort }: InjectedSidecarSettings,
): readonly Oddity[] {
  const listening = new Set([...declaredPorts(container), ...probedPorts(container)]);
  const flags = [
    ['--sidecar-port', sidecarPort],
    ['--sidecar-metrics-port', sidecarMetricsPort],
  ] as const;
  return flags.flatMap(([flag, port]) =>
    listening.has(port)
      ? [
          {
            problem: `port ${port} is also a port of the sidecar, and only one of the two can listen on it`,
            remedy: `use another port, or set ${flag}`,
          },
        ]
      : [],
  );
}

function declaredPorts(container: JsonObject): readonly unknown[] {
  return objectsOf(container['ports'])
    .filter((port) => (port['protocol'] ?? 'TCP') === 'TCP')
    .map((port) => port['containerPort']);
}

function probedPorts(container: JsonObject): readonly unknown[] {
  return PROBES.flatMap((probe) =>
    PROBE_KINDS.map((kind) => asObject(asObject(container[probe])?.[kind])?.['port']),
  );
}
