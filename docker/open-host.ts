import { networkInterfaces } from 'node:os';
import { stsAddress } from '../credentials/exchange/sts-address.ts';
import { recordExchange } from '../credentials/pool/record-exchange.ts';
import { LINK_FILES, linkFinder } from '../lib/network/links.ts';
import type { CallerFinder } from '../metadata/workloads/caller.ts';
import { createDaemon } from './api/daemon.ts';
import { createDaemonClient } from './api/daemon-client.ts';
import { knownSocketPath } from './api/docker-host.ts';
import { createPortReader, PORT_FILES } from './caller/bridge-port.ts';
import { createContainerFinder } from './caller/find-container.ts';
import { ipOn } from './caller/ip-command.ts';
import { neighbourFinder } from './caller/neighbour.ts';
import { namespaceFinder } from './caller/port-namespace.ts';
import { unseenProcesses } from './caller/unseen-processes.ts';
import type { HostContainer } from './containers/host-container.ts';
import { type HostContainers, openHostContainers } from './containers/host-containers.ts';
import { type OpenRoleRules, openRoleRules } from './roles/file/open-role-rules.ts';
import { containerSubject } from './serve/container-subject.ts';
import { exchangeForContainers } from './sessions/exchange-for-containers.ts';
import { type ContainerSessions, openContainerSessions } from './sessions/sessions-of-containers.ts';
import type { DockerSettings } from './settings.ts';
import type { HostFiles, MeasuredDocker } from './surroundings.ts';

/** View of a Docker host: who asks, and what each container gets. */
export interface OpenHost {
  readonly containers: HostContainers;
  readonly finder: CallerFinder<HostContainer>;
  readonly roles: OpenRoleRules;
  readonly sessions: ContainerSessions;
  /** Returns why no caller can be certain, each as a sentence. */
  readonly callerProblems: () => readonly string[];
  readonly close: () => Promise<void>;
}

const HOST_FILES: HostFiles = { links: LINK_FILES, ports: PORT_FILES };

/**
 * Begins to follow the containers of the host, and the role file.
 * @throws PodroleError with the fault of the settings or of the role file
 */
export function openHost(settings: DockerSettings, surroundings: MeasuredDocker): OpenHost {
  const { clock, env, logger, metrics, files = HOST_FILES } = surroundings;
  const { region, tokenFile, sessionDuration: durationSeconds } = settings;
  const exchange = exchangeForContainers({
    sts: { ...stsAddress(region, env), durationSeconds },
    region,
    tokenFile,
    hasSessionTags: settings.sessionTags,
    env,
    own: { ports: [settings.port], addresses: ownAddresses() },
    clock,
  });
  const roles = openRoleRules(settings, logger);
  const client = createDaemonClient({ socketPath: knownSocketPath(settings.dockerHost) });
  const daemon = createDaemon(client);
  const containers = openHostContainers({ ...surroundings, daemon });
  const runIp = ipOn(env['PATH']);
  const ports = createPortReader(files.ports);
  const finder = createContainerFinder({
    daemon,
    containers,
    findNeighbour: neighbourFinder(linkFinder(files.links), runIp),
    ports,
    findNamespace: namespaceFinder(runIp, clock),
    clock,
    onVerdict: metrics.found,
  });
  const sessions = openContainerSessions({
    ...surroundings,
    exchange,
    onRefused: metrics.sessionRefused,
    onResult: (container, { role, source }, result) => {
      const subject = { ...containerSubject(container), role: role.arn, source };
      recordExchange({ logger, count: metrics.exchanged }, subject, result);
    },
  });
  return {
    containers,
    finder,
    roles,
    sessions,
    callerProblems: () => unseenProcesses(containers.containers(), ports),
    close: async () => {
      sessions.stop();
      roles.close();
      await containers.close();
      client.close();
    },
  };
}

/** Addresses of this host besides loopback, without a zone. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}
