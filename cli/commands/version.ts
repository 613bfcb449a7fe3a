import { defineCommand } from '../command.ts';
import { versionSettings } from '../version/settings.ts';

export const version = defineCommand({
  description: `Prints the versions of podrole and of Node, and, if there is a kubeconfig, those of Kubernetes and of podrole's webhook and agent in the cluster. It warns if they are not meant to work together.
The version of webhook and agent is the tag of the image that their running pods have. For it, the user of the kubeconfig must be allowed to list pods in all namespaces.`,
  examples: [
    ['version', 'Versions here and in the cluster'],
    ['version --client', 'Without a cluster'],
    ['version -o json', 'For programs'],
  ],
  settings: versionSettings,
  progress: (settings) => (settings.client ? undefined : 'asking the cluster'),
  run: async (settings, terminal) => {
    const { runVersion } = await import('../version/run-version.ts');
    await runVersion(settings, terminal);
    return 'done';
  },
});
