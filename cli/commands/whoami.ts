import { whoamiSettings } from '../../test-pod/whoami/settings.ts';
import { defineCommand } from '../command.ts';

export const whoami = defineCommand({
  description: `Prints who this process is for AWS: account, role and session, where the credentials come from, when they end, and how long each step took. It works in a pod, on a VM or on a laptop, and prints no credential.
It takes the first credentials that are set up: keys of the environment, AWS_PROFILE, web identity, container credentials, the default profile. It asks instance metadata only if AWS_EC2_METADATA_SERVICE_ENDPOINT or --source names them, since a node would answer with a role of its own.`,
  examples: [
    ['whoami', 'Print the identity of this process'],
    ['whoami -o json', 'The same, for programs'],
    ['whoami --source container', 'Ask the sidecar of this pod for credentials'],
  ],
  settings: whoamiSettings,
  run: async (settings, terminal) => {
    const { runWhoami } = await import('../../test-pod/whoami/run-whoami.ts');
    await runWhoami(settings, terminal);
    return 'done';
  },
});
