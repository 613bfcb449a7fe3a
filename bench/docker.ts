import { join } from 'node:path';
import { getuid } from 'node:process';
import { ROLE_LABEL, SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import { drain } from '../lib/http/serve.ts';
import { CONTAINER_HOST, METADATA_HOST } from '../testing/agent/ask-agent.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';
import { startServer } from '../testing/processes/server-process.ts';
import type { BenchRun, Started } from './bench-run.ts';
import { memoryOf } from './memory.ts';
import { describeMemory, describeTurns, line } from './report.ts';
import { measureInTurns } from './rounds.ts';
import { type ContainerHost, startContainerHost } from './servers/container-host.ts';
import { startDockerStandIn } from './servers/docker-daemon.ts';
import { startStsStandIn } from './servers/sts-stand-in.ts';

const ROLE = 'arn:aws:iam::111122223333:role/web';
const ROLE_PATH = '/latest/meta-data/iam/security-credentials/web';
/** Containers of the host. All but one only take part in the decision about it. */
const CONTAINERS = 110;
const ASKING_ID = 'a'.repeat(64);

/**
 * Measures `podrole docker` with cached sessions beside a bare HTTP server, both on a host that has its own
 * network, as a container on a bridge of it sees them. It needs root for that network.
 */
export async function measureDocker(run: BenchRun): Promise<void> {
  run.print(`Docker: cached credentials over keep-alive HTTP, on a host with ${CONTAINERS} containers.\n`);
  if (getuid?.() !== 0) return run.print('  not measured: only root can make the network of the host\n');
  const host = await startContainerHost(ASKING_ID);
  try {
    await measureOn(host, run);
  } finally {
    await host.stop();
  }
}

async function measureOn(host: ContainerHost, { folder, start, print }: BenchRun): Promise<void> {
  const { wrapper, hostAddress, container, bridge } = host;
  const sts = await startStsStandIn(container.address);
  const socketPath = join(folder, 'docker.sock');
  const daemon = await startDockerStandIn({ socketPath, bridge, containers: containersOf(host) });
  try {
    const bare = await start(() =>
      startServer(new URL('./servers/bare-http.ts', import.meta.url), [hostAddress], { wrapper }),
    );
    const docker = await start(
      () =>
        startServer(
          new URL('../dist/podrole.js', import.meta.url),
          [
            ...['docker', '--port', '0', '--metrics-port', '0', '--metrics-host', hostAddress],
            ...['--docker-host', `unix://${socketPath}`, '--allow', ROLE, '--check-rules=false'],
            ...['--region', 'eu-central-1'],
          ],
          {
            wrapper,
            nodeArgs: launchOf('docker').options,
            env: {
              NODE_ENV: 'production',
              AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
              AWS_SECRET_ACCESS_KEY: 'example',
              AWS_EC2_METADATA_DISABLED: 'true',
              AWS_ENDPOINT_URL_STS: sts.url,
            },
          },
        ),
      hostAddress,
    );
    const at = ({ port }: Started, path: string) => new URL(path, `http://${hostAddress}:${port}`);
    const contestants = [
      { title: 'bare HTTP server', url: at(bare, '/') },
      {
        title: 'podrole docker, instance metadata by address',
        url: at(docker, ROLE_PATH),
        headers: { Host: METADATA_HOST.host },
      },
      {
        title: 'podrole docker, container credentials by address',
        url: at(docker, SIDECAR_CREDENTIALS_PATH),
        headers: { Host: CONTAINER_HOST.host },
      },
    ];
    const measured = await measureInTurns(contestants);
    print(describeTurns(contestants, measured));
    print('podrole docker');
    print(line('exec to ready', `${docker.readyMs.toFixed(0)} ms`));
    print(describeMemory('at rest', docker.atRest));
    print(describeMemory('after the load', memoryOf(docker.pid)));
    print('');
  } finally {
    await daemon.stop();
    await drain(sts.server, 0);
  }
}

function containersOf({ container }: ContainerHost) {
  const labels = { [ROLE_LABEL]: ROLE };
  return Array.from({ length: CONTAINERS }, (_, at) =>
    at === 0
      ? { ...container, id: ASKING_ID, name: 'web', labels }
      : {
          id: at.toString(16).padStart(64, '0'),
          name: `app-${at}`,
          address: `198.51.100.${at + 2}`,
          mac: `02:42:c6:33:64:${(at + 2).toString(16).padStart(2, '0')}`,
          pid: container.pid,
          labels,
        },
  );
}
