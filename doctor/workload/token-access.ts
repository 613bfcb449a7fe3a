import type { ContainerFacts, PodFacts } from '../facts/pod-facts.ts';
import type { TokenVolumeFacts } from './mounted-token.ts';

const OTHERS_READ = 0o004;

/**
 * Returns why a container cannot read a projected token; undefined if it can, or if that is not known.
 *
 * kubelet decides owner and mode of the file: [k8s] pkg/volume/projected, pkg/volume/util FsUserFrom
 * - `fsGroup` is set: 0640, and every container is in that group;
 * - all containers and init containers have the same `runAsUser`: 0600, owned by that user;
 * - otherwise: `defaultMode` of the volume, owned by root.
 */
export function unreadableToken(
  { fsGroup, isWindows, containers }: PodFacts,
  container: ContainerFacts,
  token: TokenVolumeFacts,
): string | undefined {
  if (isWindows || fsGroup !== undefined || container.runAsUser === 0) return undefined;
  const owner = sharedUser(containers);
  if (owner !== undefined) {
    const other = container.runAsUser;
    return other === undefined || other === owner
      ? undefined
      : `the token has mode 0600 and belongs to user ${owner}, and ${container.name} runs as user ${other}`;
  }
  if ((token.mode & OTHERS_READ) !== 0) return undefined;
  const user = userOf(container);
  const mode = token.mode.toString(8).padStart(4, '0');
  return user && `the token has mode ${mode} and belongs to root, and ${container.name} runs as ${user}`;
}

/** An ephemeral container comes after kubelet has written the token. */
function sharedUser(containers: readonly ContainerFacts[]): number | undefined {
  const users = containers.filter(({ kind }) => kind !== 'ephemeral').map(({ runAsUser }) => runAsUser);
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}

/** Returns undefined if it may be root: then only the image knows. */
function userOf({ runAsUser, runAsNonRoot }: ContainerFacts): string | undefined {
  if (runAsUser !== undefined) return `user ${runAsUser}`;
  return runAsNonRoot ? 'a user other than root' : undefined;
}
