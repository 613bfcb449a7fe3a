import { readWebIdentityToken } from '../../credentials/exchange/web-identity-token.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import { inLanes } from '../../lib/in-lanes.ts';
import type { Outcome } from '../../lib/outcome.ts';
import type { IsColored, Output } from '../../lib/surroundings.ts';
import { painter } from '../../lib/text/paint.ts';
import { createDaemon } from '../api/daemon.ts';
import { createDaemonClient } from '../api/daemon-client.ts';
import { knownSocketPath } from '../api/docker-host.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { readRoleRules } from '../roles/file/open-role-rules.ts';
import type { DockerSettings } from '../settings.ts';
import { judgeContainers } from './judge-containers.ts';
import { renderRoles } from './render-roles.ts';

export interface CheckSurroundings extends Pick<Output, 'stdout'> {
  readonly isColored: IsColored;
  readonly signal: AbortSignal;
}

/**
 * Checks the settings, the role file and the token file, and prints the role that each running container
 * would get. It asks no STS.
 * @throws PodroleError for settings and files that cannot be used, `DOCKER_UNREACHABLE`, `DOCKER_REFUSED`
 */
export async function runDockerCheck(
  settings: DockerSettings,
  { stdout, isColored, signal }: CheckSurroundings,
): Promise<Outcome> {
  const rules = readRoleRules(settings);
  if (settings.tokenFile !== undefined) await readWebIdentityToken(settings.tokenFile);
  const host = judgeContainers(await readRunning(settings.dockerHost, signal), rules);
  const { output } = settings;
  stdout.write(
    output === 'text' ? renderRoles(host, painter(isColored.stdout)) : renderForPrograms(host, output),
  );
  return 'done';
}

/** Containers that are read at a time. */
const LANES = 4;

async function readRunning(dockerHost: string, signal: AbortSignal): Promise<readonly HostContainer[]> {
  const client = createDaemonClient({ socketPath: knownSocketPath(dockerHost) });
  try {
    const daemon = createDaemon(client);
    const ids = await daemon.runningIds(signal);
    const found = await inLanes(ids, LANES, (id) => daemon.container(id, signal));
    return found.filter((container) => container !== undefined);
  } finally {
    client.close();
  }
}
