import { TOKEN_ALGORITHMS } from '../../lib/contract/iam.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { discoveryDocument } from './discovery.ts';
import type { KeyState } from './next-key-set.ts';

/**
 * A published discovery document, which must be one of this issuer whose keys are on the same site.
 * @param object how an error names it
 * @throws PodroleError `ISSUER_CONFLICT`
 */
export function parseDiscovery(text: string, issuer: string, object: string): JsonObject {
  const document = readObject(text, object);
  const published = document['issuer'];
  if (published !== issuer) {
    throw conflict(
      object,
      `is the document of the issuer ${JSON.stringify(published)}, not of ${issuer}`,
      'give that issuer, to the letter, or another place with --to',
    );
  }
  const jwksUri = asText(document['jwks_uri']);
  if (!jwksUri || !URL.canParse(jwksUri) || new URL(jwksUri).origin !== new URL(issuer).origin) {
    throw conflict(
      object,
      `names a key set that is not on the issuer's host: ${JSON.stringify(document['jwks_uri'])}`,
      'publish there, or move its keys below the issuer and mend jwks_uri before podrole takes over',
    );
  }
  return document;
}

/** The discovery document for a key set. Where one is published, what podrole does not know of it stays. */
export function nextDiscovery(
  issuer: string,
  jwksUri: string,
  keys: readonly KeyState[],
  published: JsonObject | undefined,
): JsonObject {
  const needed = new Set(keys.flatMap(({ alg, state }) => (alg && state !== 'pruned' ? [alg] : [])));
  const old = (asArray(published?.['id_token_signing_alg_values_supported']) ?? []).map(String);
  const gone = new Set<string>(keys.flatMap(({ alg, state }) => (alg && state === 'pruned' ? [alg] : [])));
  const stays = old.filter((alg) => needed.has(alg as never) || !gone.has(alg));
  const all = new Set<string>([...stays, ...needed]);
  const isSame = all.size === old.length && old.every((alg) => all.has(alg));
  const algorithms = isSame ? old : inOrder(all);
  return {
    ...discoveryDocument(issuer, [...needed], jwksUri),
    ...unknownMembers(published),
    id_token_signing_alg_values_supported: algorithms,
  };
}

/** In one order, whatever the order of the keys: replicas publish the same bytes. */
function inOrder(algorithms: ReadonlySet<string>): readonly string[] {
  const known = TOKEN_ALGORITHMS.filter((alg) => algorithms.has(alg));
  return [...known, ...[...algorithms].filter((alg) => !known.some((one) => one === alg)).sort()];
}

const OWN_MEMBERS = new Set<string>([
  'issuer',
  'jwks_uri',
  'response_types_supported',
  'subject_types_supported',
  'claims_supported',
]);

function unknownMembers(published: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(published).filter(([name]) => !OWN_MEMBERS.has(name)));
}

function readObject(text: string, object: string): JsonObject {
  try {
    const document = asObject(JSON.parse(text));
    if (document) return document;
    throw new Error('is no JSON object');
  } catch (thrown) {
    throw conflict(
      object,
      `can't be read as a discovery document: ${messageOf(thrown)}`,
      'see what it is; where it is of no use, remove it and run again',
    );
  }
}

function conflict(object: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'ISSUER_CONFLICT', object, problem, remedy });
}
