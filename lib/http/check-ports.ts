import { PodroleError } from '../errors.ts';

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

/**
 * Refuses one port for workloads and metrics. A process that shares its ports with the next one would get it
 * from the kernel: half of the requests of workloads would reach the metrics.
 * @throws PodroleError `INVALID_SETTING`
 */
export function checkPorts({ port, metricsPort }: Ports): void {
  if (port !== metricsPort || port === 0) return;
  throw new PodroleError([
    {
      code: 'INVALID_SETTING',
      object: '--metrics-port',
      problem: `is ${port}, which is the --port for workloads too`,
      remedy: 'give another port',
    },
  ]);
}
