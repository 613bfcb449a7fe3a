import { randomBytes } from 'node:crypto';
import { dockerSettings } from '../../docker/settings.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { defineCommand } from '../command.ts';

export const docker = defineCommand({
  description: `Serves all containers of a Docker or Podman host that have a role, in one process on the network of the host: instance metadata (IMDSv1 and v2) and container credentials. podrole redirect --docker leads the metadata addresses of the containers to it. The host keeps its own metadata.

The first of these that names a role for a container wins: the label podrole.dev/role-arn, its variable IAM_ROLE, --role-file, --default-role. If that role is invalid or not allowed, the container is refused. It never gets the role of a later one, of another container or of the host. IAM_POLICY, a session policy in JSON, narrows the role.

An image can bring a label or IAM_ROLE, so whoever built it would choose among all roles of the host. Therefore such roles need --allow. The role file and --default-role do not need it, but if it is given, it bounds them too. An image can also bring the labels of Compose, so a rule for a service wants a container that Compose named too.

It assumes the roles with the host's own AWS credentials, which it finds as every AWS SDK does, or with the web identity token of --token-file. It needs the socket of the daemon. Whoever has that socket is root on this host.`,
  examples: [
    [
      "docker --region eu-central-1 --allow 'arn:aws:iam::111122223333:role/app-*'",
      'Containers name their role themselves',
    ],
    ['docker --region eu-central-1 --role-file roles.yaml', 'A file names the roles'],
    ['docker --region eu-central-1 --role-file roles.yaml --check', 'Show who would get which role'],
  ],
  settings: dockerSettings,
  progress: ({ check }) => (check ? 'asking the daemon' : undefined),
  run: async (settings, { stdout, env, isColored, signal, serveUntilSignal }) => {
    if (settings.check) {
      const { runDockerCheck } = await import('../../docker/check/run-check.ts');
      return runDockerCheck(settings, { stdout, isColored, signal });
    }
    const { runDocker } = await import('../../docker/run-docker.ts');
    await serveUntilSignal(() =>
      runDocker(settings, {
        logger: createLogger(settings.logLevel, stdout),
        clock: systemClock,
        random: Math.random,
        randomBytes,
        env,
        signal,
      }),
    );
    return 'done';
  },
});
