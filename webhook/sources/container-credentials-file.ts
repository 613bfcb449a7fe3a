import {
  type ContainerCredentialsSet,
  NO_CONTAINER_CREDENTIALS,
  type ParsedContainerCredentialsConfig,
  parseContainerCredentialsConfig,
} from '../../identity/container-credentials-config.ts';
import { type FileContents, readFiles, UNREADABLE, watchFiles } from '../../lib/files/watched-files.ts';
import type { Logger } from '../../lib/logger.ts';

const REFUSED: ParsedContainerCredentialsConfig = {
  ok: false,
  fault: {
    code: 'UNREADABLE_FILE',
    object: 'container credentials config',
    problem: 'exists, but cannot be read, is too large, or is not a regular file',
    remedy: 'give a regular file that the webhook may read; the last good one stays in use',
  },
};

export interface ContainerCredentialsFile {
  readonly current: () => ContainerCredentialsSet;
  readonly stop: () => void;
}

/**
 * Follows the file of `--watch-container-credentials-config`. A missing file is an empty set. A file that
 * cannot be read or parsed, is too large, or is not a regular file leaves the last good set in place.
 */
export async function followContainerCredentials(
  path: string,
  logger: Logger,
  pollMs?: number,
): Promise<ContainerCredentialsFile> {
  let current = NO_CONTAINER_CREDENTIALS;
  const read = ([text]: FileContents) => {
    const parsed = text === UNREADABLE ? REFUSED : parseContainerCredentialsConfig(text);
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
