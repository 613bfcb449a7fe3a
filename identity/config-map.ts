import { parseRoleArn } from '../lib/arn.ts';
import { IDENTITY_CONFIG_MAP } from '../lib/contract/aws-webhook.ts';
import { type Fault, messageOf } from '../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { compareText } from '../lib/text/compare.ts';
import { SEGMENTS_MAX_LENGTH, segmentsMatch } from '../lib/text/glob.ts';
import { clampExpiration } from './annotations/token-expiration.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';

/** One entry of the ConfigMap, with defaults filled in. */
export interface ConfigMapIdentity {
  /** A valid role ARN. */
  readonly roleArn: string;
  readonly audience: string;
  readonly regionalSts: boolean;
  /** Within the limits of Kubernetes. */
  readonly expirationSeconds: number;
}

/** Identities of the ConfigMap by ServiceAccount. */
export interface ConfigMapIdentities {
  readonly size: number;
  find(namespace: string, serviceAccountName: string): ConfigMapIdentity | undefined;
}

export interface ParsedIdentityConfigMap {
  /** Undefined if the text as a whole cannot be read: then the caller keeps the last good one. */
  readonly identities: ConfigMapIdentities | undefined;
  /** One fault for each entry that was left out, or one for the whole text. */
  readonly faults: readonly Fault[];
}

/** No ConfigMap, or an empty one. */
export const NO_CONFIG_MAP_IDENTITIES: ConfigMapIdentities = { size: 0, find: () => undefined };

/**
 * Parses the key `config` of the ConfigMap `pod-identity-webhook`: `{"ns/sa": {"RoleARN", "Audience",
 * "UseRegionalSTS", "TokenExpiration"}}`. The settings supply what an entry leaves out or sets to Go's zero
 * value. `*` in a key matches any characters. An exact key wins, then the pattern with the most other
 * characters, then the one that sorts first.
 * @param text undefined or empty: no identities
 */
export function parseIdentityConfigMap(
  text: string | undefined,
  settings: IdentitySettings,
): ParsedIdentityConfigMap {
  if (text === undefined || text.trim() === '') {
    return { identities: NO_CONFIG_MAP_IDENTITIES, faults: [] };
  }
  let config: unknown;
  try {
    config = parseJson(text);
  } catch (thrown) {
    return { identities: undefined, faults: [faultOf('', messageOf(thrown))] };
  }
  const root = asObject(config);
  if (!root) return { identities: undefined, faults: [faultOf('', 'is not a JSON object')] };

  const entries = new Map<string, ConfigMapIdentity>();
  const faults: Fault[] = [];
  for (const [key, value] of Object.entries(root)) {
    const entry = keyProblem(key) ?? readEntry(value, settings);
    if (typeof entry === 'string') faults.push(faultOf(` ${JSON.stringify(shortened(key))}`, entry));
    else entries.set(key, entry);
  }
  return { identities: indexed(entries), faults };
}

/** A key may be as long as the ConfigMap, but a log line must stay short. */
function shortened(key: string): string {
  return key.length > SEGMENTS_MAX_LENGTH ? `${key.slice(0, 64)}…` : key;
}

/** Bounds the work of a look-up: no name in Kubernetes is longer. */
function keyProblem(key: string): string | undefined {
  if (key.length > SEGMENTS_MAX_LENGTH) return `is longer than ${SEGMENTS_MAX_LENGTH} characters`;
  return /^[^/]+\/[^/]+$/.test(key) ? undefined : 'is not NAMESPACE/SERVICEACCOUNT';
}

/** Returns the entry, or what is wrong with it. */
function readEntry(value: unknown, settings: IdentitySettings): ConfigMapIdentity | string {
  const object = asObject(value);
  if (!object) return 'is not a JSON object';
  const fields = byLowerCase(object);
  const roleArn = asText(fields.get('rolearn')) ?? '';
  if (!parseRoleArn(roleArn)) {
    const given = JSON.stringify(roleArn);
    return `has the RoleARN ${given}, which is not of the form arn:aws:iam::ACCOUNT:role/NAME`;
  }
  const audience = fields.get('audience') ?? '';
  if (typeof audience !== 'string') return 'has an Audience that is not a string';
  const regionalSts = fields.get('useregionalsts') ?? settings.stsRegionalEndpoint;
  if (typeof regionalSts !== 'boolean') return 'has a UseRegionalSTS that is not true or false';
  const seconds = fields.get('tokenexpiration') ?? 0;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    return 'has a TokenExpiration that is not a whole number of seconds';
  }
  return {
    roleArn,
    audience: audience || settings.tokenAudience,
    regionalSts,
    expirationSeconds: clampExpiration(seconds || settings.tokenExpiration),
  };
}

/** Field names ignore case, as in Go's encoding/json, with which the AWS webhook reads them. */
function byLowerCase(object: JsonObject): Map<string, unknown> {
  return new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]));
}

function indexed(entries: ReadonlyMap<string, ConfigMapIdentity>): ConfigMapIdentities {
  const literalLength = (key: string) => key.replaceAll('*', '').length;
  const patterns = [...entries]
    .filter(([key]) => key.includes('*'))
    .sort(([a], [b]) => literalLength(b) - literalLength(a) || compareText(a, b))
    .map(([pattern, identity]) => ({ pattern, identity }));
  return {
    size: entries.size,
    find(namespace, serviceAccountName) {
      const key = `${namespace}/${serviceAccountName}`;
      return entries.get(key) ?? patterns.find(({ pattern }) => segmentsMatch(pattern, key))?.identity;
    },
  };
}

function faultOf(entry: string, problem: string): Fault {
  return {
    code: 'INVALID_IDENTITY_CONFIG_MAP',
    object: `ConfigMap ${IDENTITY_CONFIG_MAP.name}, key ${IDENTITY_CONFIG_MAP.key}${entry}`,
    problem,
    remedy: entry
      ? 'fix it; until then the entry is left out'
      : 'fix it; until then the last good one stays in use',
  };
}
