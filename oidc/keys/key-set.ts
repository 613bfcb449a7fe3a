import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { isBase64Url } from '../../lib/text/base64url.ts';
import { algorithmOf, keyId } from './keys.ts';
import type { ServedKey } from './served-key.ts';

/** One key of a JWKS that another program may have written. */
export interface KeySetEntry {
  /**
   * Its `kid`, otherwise kube-apiserver's for this key; undefined if it has none and its type is unknown
   * here.
   */
  readonly kid: string | undefined;
  /**
   * Undefined for an unknown type, and for an unsafe key. Such keys must be ignored, not refused.
   * RFC 7517, section 5
   */
  readonly publicKey: KeyObject | undefined;
  /** Reason why there is no public key; undefined if there is one. */
  readonly problem: string | undefined;
  /** All members, unchanged. */
  readonly json: JsonObject;
}

/** Members of a JWK that are private or secret. RFC 7518, sections 6.2.2, 6.3.2, 6.4 */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Parses the JSON value of a key set. It accepts keys that must not be published; see servedKeys.
 * @param object name of the key set in errors
 * @throws PodroleError `INVALID_KEY_SET`
 */
export function parseKeySet(json: unknown, object: string): readonly KeySetEntry[] {
  const keys = asArray(asObject(json)?.['keys'])?.map(asObject);
  const invalid = (problem: string) =>
    new PodroleError({
      code: 'INVALID_KEY_SET',
      object,
      problem,
      remedy: 'look at it; if nobody needs it, remove it and run again',
    });
  if (!keys) throw invalid('is not a key set: it has no list of keys');
  return keys.map((key, at) => {
    if (!key || asText(key['kty']) === undefined) throw invalid(`keys[${at}] is not a key: it has no kty`);
    const { publicKey, problem } = readPublicKey(key);
    return { kid: asText(key['kid']) || (publicKey && keyId(publicKey)), publicKey, problem, json: key };
  });
}

/**
 * Parses the text of a key set.
 * @throws PodroleError `INVALID_KEY_SET`
 */
export function parseKeySetText(text: string, object: string): readonly KeySetEntry[] {
  try {
    return parseKeySet(parseJson(text), object);
  } catch (thrown) {
    if (thrown instanceof PodroleError) throw thrown;
    throw new PodroleError({
      code: 'INVALID_KEY_SET',
      object,
      problem: messageOf(thrown),
      remedy: 'look at it; if nobody needs it, remove it and run again',
    });
  }
}

/**
 * Returns the keys of a set to publish, each kid once. Each must be a key that signs service account tokens.
 * @throws PodroleError `INVALID_KEY`, `NO_KEYS`
 */
export function servedKeys(entries: readonly KeySetEntry[], object: string): readonly ServedKey[] {
  const byId = new Map<string, ServedKey>();
  for (const [at, entry] of entries.entries()) {
    const { kid, publicKey } = entry;
    const other = byId.get(kid ?? '')?.publicKey;
    const problem =
      other && !(publicKey && other.equals(publicKey))
        ? `has the kid ${kid} of another key`
        : problemOfServed(entry);
    if (!publicKey || !kid || problem !== undefined) {
      throw new PodroleError({
        code: 'INVALID_KEY',
        object: `${object} keys[${at}]`,
        problem: problem ?? 'is not an RSA, P-256, P-384 or P-521 key',
        remedy: 'give a key set with only the public keys of service account tokens',
      });
    }
    byId.set(kid, { kid, publicKey });
  }
  if (byId.size > 0) return [...byId.values()];
  throw new PodroleError({
    code: 'NO_KEYS',
    object,
    problem: 'contains no key',
    remedy: 'give the keys that verify the tokens of the cluster',
  });
}

/**
 * Returns why a key must not be published, such as its private members or its use; undefined if it may be.
 */
function problemOfServed(entry: KeySetEntry): string | undefined {
  const secret = privateMembersOf(entry);
  if (secret.length > 0) {
    return `has the private members ${secret.join(', ')}: anyone who has read them can sign tokens`;
  }
  return problemOfUse(entry);
}

/** Returns why nobody verifies a token with a key; undefined if it can verify one. */
export function problemOfUse({ publicKey, problem, json }: KeySetEntry): string | undefined {
  if (!publicKey) return problem;
  const { use, alg, key_ops: operations } = json;
  if (use !== undefined && use !== 'sig') return `has the use ${JSON.stringify(use)}, not sig`;
  if (operations !== undefined && !asArray(operations)?.includes('verify')) {
    return `has key_ops without verify`;
  }
  const published = algorithmOf(publicKey);
  return alg === undefined || alg === published
    ? undefined
    : `has the alg ${JSON.stringify(alg)}, but the API server signs with ${published} if it has such a key`;
}

/** Returns the names of the private or secret members of a key; empty for a key that may be public. */
export function privateMembersOf({ json }: KeySetEntry): readonly string[] {
  return PRIVATE_MEMBERS.filter((name) => json[name] !== undefined);
}

/** Members that are numbers in base64url. RFC 7518, sections 6.2.1 and 6.3.1 */
const NUMBER_MEMBERS = ['n', 'e', 'x', 'y'];

function readPublicKey(key: JsonObject): { publicKey?: KeyObject; problem: string | undefined } {
  const malformed = NUMBER_MEMBERS.find((name) => key[name] !== undefined && !isBase64Url(key[name]));
  if (malformed !== undefined) return { problem: `has the member ${malformed}, which is not base64url` };
  try {
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    algorithmOf(publicKey);
    return { publicKey, problem: undefined };
  } catch (thrown) {
    // Node's own message says only how the key is encoded.
    return {
      problem:
        thrown instanceof PodroleError
          ? thrown.faults[0]?.problem
          : 'is not an RSA, P-256, P-384 or P-521 key',
    };
  }
}
