import { TOKEN_ALGORITHMS } from '../../lib/contract/iam.ts';
import { asArray, type JsonObject } from '../../lib/json/json.ts';
import { discoveryDocument } from './discovery.ts';
import type { KeyState } from './next-key-set.ts';

/**
 * Returns the discovery document for a key set. Members of the published one that podrole does not know are
 * kept.
 */
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

/** Sorts the algorithms, so that replicas publish the same bytes whatever the order of their keys. */
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
