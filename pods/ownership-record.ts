import { CONTAINER_LIST_MAX_LENGTH } from '../identity/container-lists.ts';
import { parseRoleArn } from '../lib/arn.ts';
import { DEFAULT_CONTAINER_CREDENTIALS, WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { ENV, STS_REGIONAL } from '../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import type { EnvPart } from './grants.ts';
import { nameOf, soleTokenOf } from './pod-parts.ts';
import { SIDECAR_URI_START } from './sidecar/access.ts';
import { INJECTED_NAMES } from './sidecar/plan.ts';

/** What podrole can own in a container. */
export type Part = EnvPart | 'mount';

/**
 * What the annotation `podrole.dev/injected` says: a comma list of container names. A name alone means the variables of web
 * identity and the mount; otherwise the parts follow it: `web:region+web-identity+mount`. `!name` is a token volume that the
 * pod had of itself, `+name` a container that is podrole's as a whole. So what a user wrote is never taken for podrole's, even where both are alike.
 */
export interface OwnershipRecord {
  readonly parts: ReadonlyMap<string, readonly Part[]>;
  readonly foreignVolumes: ReadonlySet<string>;
  /** Of INJECTED_NAMES. */
  readonly containers: ReadonlySet<string>;
}

const USUAL_PARTS: readonly Part[] = ['web-identity', 'mount'];
const PARTS: readonly Part[] = [
  'sts',
  'region',
  'web-identity',
  'container-credentials',
  'session',
  'sidecar',
  'mount',
];
/** A name that the list can hold. */
const LISTABLE = /^[\w.-]+$/;

/** The record on a pod; undefined where there is none. */
export function readOwnership(pod: JsonObject): OwnershipRecord | undefined {
  const annotations = asObject(asObject(pod['metadata'])?.['annotations']);
  const text = asText(annotations?.[PODROLE_ANNOTATION.injected]);
  // A pod with a longer one gets no identity (identity.ts), and what podrole owns in it is not known.
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
  // Nobody's own container is removed, whatever the annotation says.
  return {
    parts,
    foreignVolumes,
    containers: new Set(INJECTED_NAMES.filter((name) => containers.has(name))),
  };
}

/**
 * The annotation's text.
 * @param keepEmpty whether a record without containers is still one, as it is where the pod had one before
 * @returns undefined where there is nothing to record
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

/** Where in a container's variables those of its owned parts stand. Only the first of a name can be ours: we never add a second. */
export function ownedVariables(env: readonly unknown[], parts: readonly Part[]): number[] {
  const owned: number[] = [];
  for (const part of parts) {
    if (part === 'mount') continue;
    const variables = Object.entries(OWN_VARIABLES[part]).map(([name, isOurs]) => {
      const index = env.findIndex((variable) => nameOf(variable) === name);
      return { index, ours: index >= 0 && isOurs(asObject(env[index]) ?? {}) };
    });
    // Half of a pair that someone else completed is theirs. The sidecar's may be fewer: it was one before its path had a secret.
    const isOurs =
      part === 'sidecar'
        ? variables.every(({ index, ours }) => index < 0 || ours)
        : part === 'session' || variables.every(({ ours }) => ours);
    if (isOurs) {
      owned.push(...variables.filter(({ ours }) => ours).map(({ index }) => index));
    }
  }
  return owned.sort((a, b) => a - b);
}

/** Where in a container's mounts the owned one stands: ours is the last of its kind, since it was appended. */
export function ownedMount(
  mounts: readonly unknown[],
  parts: readonly Part[],
  isTokenVolume: (name: string) => boolean,
): number[] {
  if (!parts.includes('mount')) return [];
  const index = mounts.findLastIndex((item) => {
    const mount = asObject(item);
    const name = nameOf(mount);
    return name !== undefined && isTokenVolume(name) && mount?.['readOnly'] === true && !mount['subPath'];
  });
  return index < 0 ? [] : [index];
}

/** Token volumes that podrole may have put into a pod: by name, shape, and not the pod's own. */
export function isTokenVolume(volume: unknown, extraName: string | undefined): boolean {
  const name = nameOf(volume);
  return name !== undefined && isTokenVolumeName(name, extraName) && soleTokenOf(volume) !== undefined;
}

export function isTokenVolumeName(name: string, extraName: string | undefined): boolean {
  return (
    name === WEB_IDENTITY_VOLUME ||
    name.startsWith(`${WEB_IDENTITY_VOLUME}-`) ||
    name === DEFAULT_CONTAINER_CREDENTIALS.volumeName ||
    name === extraName
  );
}

type IsOurs = (variable: JsonObject) => boolean;

const literal: IsOurs = ({ value }) => typeof value === 'string';
const isTokenFile: IsOurs = ({ value }) => /[/\\]token$/.test(asText(value) ?? '');
/** Values as podrole writes them: one that was changed to another form is the user's own since. */
const OWN_VARIABLES: Readonly<Record<EnvPart, Readonly<Record<string, IsOurs>>>> = {
  sts: { [ENV.stsRegionalEndpoints]: ({ value }) => value === STS_REGIONAL },
  region: { [ENV.defaultRegion]: literal, [ENV.region]: literal },
  'web-identity': {
    [ENV.roleArn]: ({ value }) => parseRoleArn(asText(value) ?? '') !== undefined,
    [ENV.webIdentityTokenFile]: isTokenFile,
  },
  'container-credentials': {
    [ENV.containerCredentialsFullUri]: literal,
    [ENV.containerAuthorizationTokenFile]: literal,
  },
  session: {
    [ENV.podName]: (variable) => fieldPathOf(variable) === 'metadata.name',
    [ENV.roleSessionName]: literal,
  },
  sidecar: {
    [ENV.podUid]: (variable) => fieldPathOf(variable) === 'metadata.uid',
    [ENV.containerCredentialsFullUri]: ({ value }) => asText(value)?.startsWith(SIDECAR_URI_START) ?? false,
    [ENV.containerAuthorizationTokenFile]: isTokenFile,
  },
};

/** The names of a part's variables: where one of them exists, the part is not written. */
export const VARIABLES_OF_PART: Readonly<Record<EnvPart, readonly string[]>> = {
  sts: Object.keys(OWN_VARIABLES.sts),
  region: Object.keys(OWN_VARIABLES.region),
  'web-identity': Object.keys(OWN_VARIABLES['web-identity']),
  'container-credentials': Object.keys(OWN_VARIABLES['container-credentials']),
  session: Object.keys(OWN_VARIABLES.session),
  sidecar: [
    ENV.podUid,
    ENV.containerCredentialsFullUri,
    ENV.containerCredentialsRelativeUri,
    ENV.containerAuthorizationToken,
    ENV.containerAuthorizationTokenFile,
  ],
};

/** The field of the pod that a variable takes its value from by the downward API. */
export function fieldPathOf(variable: JsonObject): unknown {
  return asObject(asObject(variable['valueFrom'])?.['fieldRef'])?.['fieldPath'];
}
