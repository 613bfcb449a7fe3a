import { INJECTED_CONTAINER } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { cleanPath } from '../../lib/text/clean-path.ts';
import { withoutTrailing } from '../../lib/text/without-trailing.ts';
import type { ContainerFacts, PodFacts } from '../facts/pod-facts.ts';
import { isSet, shownValueOf } from './variables.ts';

export type TokenVolumeFacts = PodFacts['tokenVolumes'][number];

/** Role and token file that the variables of a container name, for its SDK, its sidecar or the agent. */
export interface WebIdentityOfContainer {
  readonly roleArn: string;
  readonly tokenFile: string;
  /** The token in that file; undefined if no token is mounted there. */
  readonly token: TokenVolumeFacts | undefined;
}

/** Returns undefined if the container lacks one of the two variables, or does not show it. */
export function webIdentityOf(
  pod: Pick<PodFacts, 'tokenVolumes' | 'containers'>,
  container: ContainerFacts,
): WebIdentityOfContainer | undefined {
  const exchanging = exchangingContainer(pod, container);
  const roleArn = shownValueOf(exchanging, ENV.roleArn);
  const tokenFile = shownValueOf(exchanging, tokenFileVariable(exchanging));
  if (roleArn === undefined || tokenFile === undefined) return undefined;
  return { roleArn, tokenFile, token: mountedToken(pod, exchanging, tokenFile) };
}

/**
 * Returns the container whose variables name role and token: the sidecar, for a container that gets only the
 * role that this role assumes.
 */
export function exchangingContainer(
  { containers }: Pick<PodFacts, 'containers'>,
  container: ContainerFacts,
): ContainerFacts {
  const isOfTarget = isSet(container, ENV.targetRoleArn) && !isSet(container, ENV.roleArn);
  const sidecar = containers.find(({ name }) => name === INJECTED_CONTAINER.sidecar);
  return isOfTarget && sidecar ? sidecar : container;
}

/** Returns the variable that names the token: SDKs read the first one, podrole's agent the second. */
export function tokenFileVariable(container: ContainerFacts): string {
  const isByAgent = isSet(container, ENV.tokenFile) && !isSet(container, ENV.webIdentityTokenFile);
  return isByAgent ? ENV.tokenFile : ENV.webIdentityTokenFile;
}

/** Returns the projected token that a container sees at the path of a file. */
export function mountedToken(
  { tokenVolumes }: Pick<PodFacts, 'tokenVolumes'>,
  { mounts }: Pick<ContainerFacts, 'mounts'>,
  file: string,
): TokenVolumeFacts | undefined {
  const wanted = cleaned(file);
  const byVolume = Map.groupBy(tokenVolumes, ({ volume }) => volume);
  for (const { path, volume, subPath } of mounts) {
    const found = byVolume.get(volume)?.find((token) => pathOf(path, subPath, token.path) === wanted);
    if (found) return found;
  }
  return undefined;
}

/** Returns where a container sees the token; undefined if a subPath leaves it out. */
function pathOf(mountPath: string, subPath: string | undefined, path: string): string | undefined {
  const inVolume = cleaned(path);
  if (subPath === undefined) return cleanPath(`${cleaned(mountPath)}/${inVolume}`);
  const part = cleaned(subPath);
  if (part === inVolume) return cleaned(mountPath);
  return inVolume.startsWith(`${part}/`)
    ? cleanPath(`${cleaned(mountPath)}/${inVolume.slice(part.length)}`)
    : undefined;
}

/** On Windows, `C:\var\run` is where `/var/run` is mounted. */
function cleaned(path: string): string {
  const normal = cleanPath(path.replaceAll('\\', '/').replace(/^[A-Za-z]:/, ''));
  return withoutTrailing(normal, '/');
}
