import { ENV } from '../../lib/contract/sdk.ts';
import { asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { cleanPath } from '../../lib/text/clean-path.ts';
import { withoutTrailing } from '../../lib/text/without-trailing.ts';
import type { Grant } from '../grants.ts';
import { nameOf, projectsToken, soleTokenOf } from '../pod-parts.ts';
import type { Oddity } from './oddity.ts';

/** Volumes of a pod by name. */
export type Volumes = ReadonlyMap<string, JsonObject>;

/** For mounts below one of these volumes, kubelet makes the folders. [k8s] MakeNestedMountpoints */
const MAKES_FOLDERS = ['configMap', 'secret', 'projected', 'downwardAPI'];

/** Returns the mounts of a container that keep the token of a grant from the path where it belongs. */
export function oddMounts(container: JsonObject, grant: Grant, volumes: Volumes): readonly Oddity[] {
  const mounts = objectsOf(container['volumeMounts']);
  const tokenPath = cleaned(grant.mount.mountPath);
  const file = `${tokenPath}/${asText(soleTokenOf(grant.volume)?.['path']) ?? ''}`;
  const isToken = (mount: JsonObject) => nameOf(mount) === grant.mount.name;
  const isMissed =
    usesFile(container, grant, file) &&
    !mounts.some((mount) => isToken(mount) && cleaned(mount['mountPath']) === tokenPath);
  return mounts.flatMap((mount) => {
    const path = cleaned(mount['mountPath']);
    const what = `volume ${nameOf(mount)} is mounted at ${path}`;
    if (isToken(mount) && (mount['subPath'] || mount['subPathExpr'])) {
      const problem = `${what} by subPath, so its token is never renewed there`;
      return [{ problem, remedy: 'mount the whole volume' }];
    }
    // kubelet makes room for a mount beside the token, in the same folder.
    if (path === file || isBelow(path, file)) return [{ problem: `${what}, over the token`, remedy: MOVE }];
    if (isToken(mount)) {
      const problem = `${what}, but the token is expected at ${tokenPath}`;
      return isMissed ? [{ problem, remedy: 'remove that mount' }] : [];
    }
    const isInTheWay = isBelow(tokenPath, path) && mount['readOnly'] === true;
    if (!isInTheWay || makesFolders(volumes.get(nameOf(mount) ?? ''))) return [];
    return [{ problem: `${what} read-only, so the token cannot be mounted below it`, remedy: MOVE }];
  });
}

const MOVE = 'mount it elsewhere';

/** True for a file in a volume with a projected token that the container mounts. */
export function isInTokenVolume(file: string, container: JsonObject, volumes: Volumes): boolean {
  const path = pathOf(file);
  return objectsOf(container['volumeMounts']).some((mount) => {
    const folder = cleaned(mount['mountPath']);
    // By subPath, the file itself is mounted.
    return projectsToken(volumes.get(nameOf(mount) ?? '')) && (path === folder || isBelow(path, folder));
  });
}

/** True if a variable of the container names the file that podrole would mount. */
function usesFile(container: JsonObject, grant: Grant, file: string): boolean {
  const granted = new Map(
    grant.env.flatMap(([, variables]) =>
      variables
        .filter(({ name, value }) => TOKEN_VARIABLES.includes(name) && pathOf(asText(value) ?? '') === file)
        .map(({ name, value }) => [name, value]),
    ),
  );
  return objectsOf(container['env']).some((variable) => {
    const name = nameOf(variable);
    return name !== undefined && granted.has(name) && variable['value'] === granted.get(name);
  });
}

const TOKEN_VARIABLES: readonly string[] = [
  ENV.webIdentityTokenFile,
  ENV.tokenFile,
  ENV.containerAuthorizationTokenFile,
];

/** Returns the mount path of a file. On Windows, `C:\var\run` is where `/var/run` is mounted. */
function pathOf(file: string): string {
  return cleaned(file.replaceAll('\\', '/').replace(/^[A-Za-z]:/, ''));
}

function cleaned(path: unknown): string {
  return withoutTrailing(cleanPath(asText(path) ?? ''), '/');
}

/** True if the path is in that folder, at any depth. */
function isBelow(path: string, folder: string): boolean {
  return folder !== '' && path.length > folder.length && path.startsWith(`${folder}/`);
}

function makesFolders(volume: JsonObject | undefined): boolean {
  return MAKES_FOLDERS.some((kind) => volume?.[kind] !== undefined);
}
