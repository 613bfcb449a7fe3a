import { createHash } from 'node:crypto';
import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { parseKeySet, privateMembersOf, problemOfUse } from '../../../oidc/keys/key-set.ts';
import type { IssuerFacts, PublishedKeyFacts } from '../../facts/issuer-facts.ts';

/** Members of the discovery document that STS, or a reader of the facts, looks at. */
const DISCOVERY_MEMBERS = [
  'issuer',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
  'claims_supported',
];

/** Public members of a key. RFC 7517, section 4; RFC 7518, sections 6.2.1 and 6.3.1 */
const KEY_MEMBERS = ['kty', 'use', 'key_ops', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y', 'x5c'];

/** STS refuses a set with more than 100 keys of a type; what comes after these changes no verdict. */
const MAX_KEYS = 1_000;
/** Keys that are named for what they should not publish. */
const MAX_NAMED = 100;

export function discoveryMembers(json: JsonObject): JsonObject {
  return pick(json, DISCOVERY_MEMBERS);
}

/** Returns the first keys of a set without private members, and without members that nobody knows. */
export function keySetMembers(json: JsonObject): JsonObject {
  const keys = asArray(json['keys']);
  return keys ? { keys: keys.slice(0, MAX_KEYS).map((key) => pick(asObject(key) ?? {}, KEY_MEMBERS)) } : {};
}

/** Judges the first keys of a set, and lists the private members of all, also those of a bare key. */
export function keyFacts(json: JsonObject): Pick<IssuerFacts, 'keys' | 'privateMembers'> {
  const keys = asArray(json['keys'])?.map((key) => asObject(key) ?? {});
  const named = [...(keys ?? []).entries()].map(([at, key]) => [nameOf(key, at), key] as const);
  const secrets = new Map<string, readonly string[]>();
  for (const [name, key] of [...named, ['the document itself', json] as const]) {
    const found = secretMembers(key);
    if (found.length > 0 && secrets.size < MAX_NAMED)
      secrets.set(name, [...new Set([...(secrets.get(name) ?? []), ...found])]);
  }
  return {
    ...(keys && { keys: keys.slice(0, MAX_KEYS).map(judgeKey) }),
    privateMembers: Object.fromEntries(secrets),
  };
}

/** A record cannot have the member `__proto__`. */
function nameOf(key: JsonObject, at: number): string {
  const kid = asText(key['kid']);
  return kid && kid !== '__proto__' ? kid : `keys[${at}]`;
}

function secretMembers(json: JsonObject): readonly string[] {
  return privateMembersOf({ json, kid: undefined, publicKey: undefined, problem: undefined });
}

function judgeKey(key: JsonObject): PublishedKeyFacts {
  const kid = asText(key['kid']);
  const kty = asText(key['kty']);
  const thumbprints = (asArray(key['x5c']) ?? []).map(asText).flatMap((der) => (der ? [sha1Of(der)] : []));
  const [entry] = kty === undefined ? [] : parseKeySet({ keys: [key] }, 'key set');
  const problem = entry ? problemOfUse(entry) : 'is not a key: it has no kty';
  return {
    kty: kty ?? '',
    thumbprints,
    ...(kid !== undefined && { kid }),
    ...(problem !== undefined && { problem }),
  };
}

/** SHA-1 of a certificate in base64, as IAM writes thumbprints. */
function sha1Of(der: string): string {
  return createHash('sha1').update(Buffer.from(der, 'base64')).digest('hex');
}

function pick(json: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(
    members.flatMap((name) => (json[name] === undefined ? [] : [[name, json[name]]])),
  );
}
