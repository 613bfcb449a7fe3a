import { asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';

/** Container of a pod, also an init container, a sidecar or an ephemeral one. */
export interface PodContainer {
  readonly name: string;
  readonly container: JsonObject;
}

const KINDS = ['initContainers', 'containers', 'ephemeralContainers'];

/** Returns all containers of a pod that have a name. */
export function containersOf(spec: JsonObject): readonly PodContainer[] {
  return KINDS.flatMap((kind) => objectsOf(spec[kind])).flatMap((container) => {
    const name = asText(container['name']);
    return name ? [{ name, container }] : [];
  });
}
