import type { Logger } from '../lib/logger.ts';
import { readFiles, watchFiles } from '../lib/watched-files.ts';
import {
  type ContainerCredentialsSet,
  NO_CONTAINER_CREDENTIALS,
  parseContainerCredentialsConfig,
} from './container-credentials-config.ts';

export interface ContainerCredentialsFile {
  readonly current: () => ContainerCredentialsSet;
  readonly stop: () => void;
}

/**
 * Follows the file of `--watch-container-credentials-config`. A missing file is an empty set; text that can't be read leaves the
 * last good set in place.
 */
export async function followContainerCredentials(
  path: string,
  logger: Logger,
  pollMs?: number,
): Promise<ContainerCredentialsFile> {
  let current = NO_CONTAINER_CREDENTIALS;
  const read = ([text]: readonly (string | undefined)[]) => {
    const parsed = parseContainerCredentialsConfig(text);
    if (parsed.ok) {
      current = parsed.identities;
      logger.info({ path, identities: current.size }, 'container credentials loaded');
    } else {
      logger.warn({ path, fault: parsed.fault }, 'container credentials not loaded; the last good ones stay');
    }
  };
  const paths = [path];
  const known = await readFiles(paths);
  read(known);
  const stop = watchFiles({ paths, known, onChange: read, ...(pollMs === undefined ? {} : { pollMs }) });
  return { current: () => current, stop };
}
