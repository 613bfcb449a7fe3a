import { probeSidecar } from '../../sidecar/probe.ts';
import { probeSettings } from '../../sidecar/settings.ts';
import { defineCommand } from '../command.ts';

export const probe = defineCommand({
  description: `Asks the sidecar, or the agent, on this machine once whether it is ready. Exits with 0 if it is, else with 3 and the reasons on stderr. In a pod it is the startup probe of the sidecar's container.`,
  examples: [
    ['probe', 'Check the sidecar at its default metrics port'],
    ['probe --metrics-port 19912', 'Check a sidecar that was started with this --metrics-port'],
    ['probe --metrics-port 9922', 'Check the agent, in its container'],
  ],
  settings: probeSettings,
  run: async ({ metricsPort }) => {
    await probeSidecar(metricsPort);
    return 'done';
  },
});
