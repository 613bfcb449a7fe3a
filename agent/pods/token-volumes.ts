import { asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { isNamespaceName } from '../../lib/kubernetes-names.ts';
import { cleanPath } from '../../lib/text/clean-path.ts';
import type { TokenPlace } from './grant.ts';
import { isTokenPath } from './token-path.ts';

/** Projected token of a pod. */
export interface TokenSource extends TokenPlace {
  readonly audience: string | undefined;
}

/** Tokens that a pod projects, by volume and path. */
export type TokenVolumes = ReadonlyMap<string, ReadonlyMap<string, TokenSource>>;

export function tokenVolumesOf(spec: JsonObject): TokenVolumes {
  const found = new Map<string, ReadonlyMap<string, TokenSource>>();
  for (const volume of objectsOf(spec['volumes'])) {
    const name = asText(volume['name']);
    // The name becomes a part of a path of the node.
    if (name === undefined || !isNamespaceName(name)) continue;
    const [projected] = objectsOf([volume['projected']]);
    const sources = objectsOf(projected?.['sources']).flatMap((source) => tokenOf(name, source));
    found.set(name, new Map(sources.map((source) => [source.path, source])));
  }
  return found;
}

function tokenOf(volumeName: string, source: JsonObject): readonly TokenSource[] {
  const [token] = objectsOf([source['serviceAccountToken']]);
  const path = asText(token?.['path']);
  if (!token || path === undefined || !isTokenPath(path)) return [];
  return [{ volumeName, path, audience: asText(token['audience']) }];
}

/**
 * Returns the projected token behind a file of a container; undefined if the file is not the token of a
 * volume. Of the mounts that contain the file, the deepest one counts. A mount of only a part of its volume
 * (`subPath`) does not: kubelet does not renew its files.
 */
export function findTokenSource(
  container: JsonObject,
  volumes: TokenVolumes,
  file: string | undefined,
): TokenSource | undefined {
  if (file === undefined || !file.startsWith('/')) return undefined;
  const path = cleanPath(file);
  let deepest: { readonly folder: string; readonly mount: JsonObject } | undefined;
  for (const mount of objectsOf(container['volumeMounts'])) {
    const mountPath = asText(mount['mountPath']);
    if (!mountPath) continue;
    const folder = folderOf(mountPath);
    if (path.startsWith(folder) && folder.length >= (deepest?.folder.length ?? 0))
      deepest = { folder, mount };
  }
  if (!deepest || deepest.mount['subPath'] || deepest.mount['subPathExpr']) return undefined;
  const below = path.slice(deepest.folder.length);
  return volumes.get(asText(deepest.mount['name']) ?? '')?.get(below);
}

/** Returns the path of a mount with one `/` at its end. */
function folderOf(mountPath: string): string {
  const path = cleanPath(`/${mountPath}`);
  return path === '/' ? path : `${path}/`;
}
