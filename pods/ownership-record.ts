import { CONTAINER_LIST_MAX_LENGTH } from '../identity/annotations/container-lists.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { ENV_PART_NAMES } from './env-parts.ts';
import { MOUNT_PARTS, type Part } from './owned-parts.ts';
import { INJECTED_NAMES } from './sidecar/plan.ts';

/**
 * Contents of the annotation `podrole.dev/injected`: a comma-separated list of container names. A name alone
 * means the variables of web identity and the mount. Otherwise the parts follow it:
 * `web:region+web-identity+mount`. `!name` is a volume that belongs to the pod, `+name` a container
 * that belongs to podrole as a whole. So podrole never mistakes for its own what a user wrote, even if both
 * are alike.
 */
export interface OwnershipRecord {
  readonly parts: ReadonlyMap<string, readonly Part[]>;
  readonly foreignVolumes: ReadonlySet<string>;
  /** Of INJECTED_NAMES. */
  readonly containers: ReadonlySet<string>;
}

const USUAL_PARTS: readonly Part[] = ['web-identity', 'mount'];
const PARTS: readonly Part[] = [...ENV_PART_NAMES, ...MOUNT_PARTS];
/** Pattern of the names that the list can hold. */
const LISTABLE = /^[\w.-]+$/;

/** Returns the record on a pod; undefined if there is none. */
export function readOwnership(pod: JsonObject): OwnershipRecord | undefined {
  const annotations = asObject(metadataOf(pod)?.['annotations']);
  const text = asText(annotations?.[PODROLE_ANNOTATION.injected]);
  // A pod with a longer record gets no identity (decide-identity.ts), and it is unknown what podrole owns in
  // it.
  if (text === undefined || text.length > CONTAINER_LIST_MAX_LENGTH) return undefined;
  const parts = new Map<string, readonly Part[]>();
  const foreignVolumes = new Set<string>();
  const containers = new Set<string>();
  for (const item of text.split(',')) {
    const [name = '', list] = item.trim().split(':', 2);
    if (name.startsWith('!')) foreignVolumes.add(name.slice(1));
    else if (name.startsWith('+')) containers.add(name.slice(1));
    else if (name) parts.set(name, list === undefined ? USUAL_PARTS : parseParts(list));
  }
  // podrole never removes a container of another name, whatever the annotation says.
  return {
    parts,
    foreignVolumes,
    containers: new Set(INJECTED_NAMES.filter((name) => containers.has(name))),
  };
}

/**
 * Returns the value of the annotation.
 * @param keepEmpty true keeps a record without containers, for a pod that had a record before
 * @returns undefined if there is nothing to record
 */
export function formatOwnership(
  { parts, foreignVolumes, containers }: OwnershipRecord,
  keepEmpty: boolean,
): string | undefined {
  const changed = [...parts]
    .filter(([name, owned]) => owned.length > 0 && LISTABLE.test(name))
    .map(([name, owned]) => (owned.join() === USUAL_PARTS.join() ? name : `${name}:${owned.join('+')}`));
  const added = [...containers].map((name) => `+${name}`);
  if (changed.length === 0 && added.length === 0 && !keepEmpty) return undefined;
  return [...changed, ...added, ...[...foreignVolumes].map((name) => `!${name}`)].join(',');
}

function parseParts(list: string): readonly Part[] {
  const named = list.split('+');
  return PARTS.filter((part) => named.includes(part));
}
