import { PodroleError } from '../lib/errors.ts';
import type { AgentSettings } from './settings.ts';

/**
 * Refuses one port for pods and metrics. Agents share their ports with the next one, so the kernel would not:
 * half of the requests of pods would reach the metrics.
 * @throws PodroleError `INVALID_SETTING`
 */
export function checkPorts({ port, metricsPort }: Pick<AgentSettings, 'port' | 'metricsPort'>): void {
  if (port !== metricsPort || port === 0) return;
  throw new PodroleError([
    {
      code: 'INVALID_SETTING',
      object: '--metrics-port',
      problem: `is ${port}, which is the --port for pods too`,
      remedy: 'give another port',
    },
  ]);
}
