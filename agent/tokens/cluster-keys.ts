import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';

/** Path of the keys of the API server. Every ServiceAccount may read it, and the discovery document. [k8s] */
const KEY_SET_PATH = '/openid/v1/jwks';

/** Keys and issuers of the tokens of the cluster. */
export interface ClusterKeys {
  /**
   * Finds the key that a token names by its kid. Nothing else in a token leads to a key.
   * @throws PodroleError if no keys could be read yet
   * @throws errors.JOSEError if there is no such key
   */
  readonly find: JWTVerifyGetKey;
  /**
   * True for the issuer of the cluster, or one that it had before while this process ran.
   * @throws PodroleError if the issuer could not be read yet
   */
  readonly isIssuer: (issuer: string) => Promise<boolean>;
}

export interface ClusterKeysOptions {
  readonly client: Pick<ApiClient, 'get'>;
  readonly monotonicMs: () => number;
}

interface Known {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly issuer: string;
}

/** Age at which the keys are read again in the background. */
const MAX_AGE_MS = 5 * 60_000;
/** Least time between two readings, so that forged tokens do not flood the API server. */
const SPACING_MS = 10_000;
/** Least time between two readings while there are no keys at all. */
const FIRST_SPACING_MS = 1_000;
const TIMEOUT_MS = 5_000;
/** API servers have a handful of keys, each of at most a kilobyte. */
const MAX_KEYS = 1_000;
/** Issuers that are remembered: a cluster that moves to another one has two. */
const MAX_ISSUERS = 4;

/**
 * Caches keys and issuer of the cluster. They are read at the first token, in the background when they are
 * old, and for a token with an unknown key or issuer. While the API server does not answer, the known ones
 * count.
 */
export function openClusterKeys({ client, monotonicMs }: ClusterKeysOptions): ClusterKeys {
  const issuers = new Set<string>();
  let known: Known | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<Known> | undefined;
  let failure: unknown;

  async function read(): Promise<Known> {
    askedAtMs = monotonicMs();
    try {
      const [issuer, find] = await Promise.all([readIssuer(client), readKeys(client)]);
      // The latest one is the last one.
      issuers.delete(issuer);
      issuers.add(issuer);
      const [oldest] = issuers;
      if (issuers.size > MAX_ISSUERS && oldest !== undefined) issuers.delete(oldest);
      known = { find, issuer };
      return known;
    } catch (thrown) {
      failure = thrown;
      throw thrown;
    } finally {
      underWay = undefined;
    }
  }

  const ageMs = () => monotonicMs() - askedAtMs;

  function refresh(): Promise<Known> {
    underWay ??= read();
    return underWay;
  }

  /** Returns the known keys at once if there are any. */
  async function current(): Promise<Known> {
    if (known) {
      if (ageMs() >= MAX_AGE_MS) refresh().catch(() => {});
      return known;
    }
    if (!underWay && failure !== undefined && ageMs() < FIRST_SPACING_MS) throw failure;
    return refresh();
  }

  /** Reads the keys again if that was not done a moment ago. Returns false if there are no newer ones. */
  async function isRenewed(): Promise<boolean> {
    if (!underWay && ageMs() < SPACING_MS) return false;
    return refresh().then(
      () => true,
      () => false,
    );
  }

  return {
    find: async (header, token) => {
      const { find } = await current();
      try {
        return await find(header, token);
      } catch (thrown) {
        const isUnknown = thrown instanceof errors.JWKSNoMatchingKey;
        if (!isUnknown || !(await isRenewed())) throw thrown;
        return (await current()).find(header, token);
      }
    },
    isIssuer: async (issuer) => {
      await current();
      if (issuers.has(issuer)) return true;
      return (await isRenewed()) && issuers.has(issuer);
    },
  };
}

async function readIssuer(client: Pick<ApiClient, 'get'>): Promise<string> {
  const issuer = asText(asObject(await getDocument(client, DISCOVERY_PATH))?.['issuer']);
  if (issuer) return issuer;
  throw unusable(DISCOVERY_PATH, 'does not name an issuer');
}

async function readKeys(client: Pick<ApiClient, 'get'>): Promise<Known['find']> {
  const keys = asArray(asObject(await getDocument(client, KEY_SET_PATH))?.['keys']);
  if (!keys || keys.length > MAX_KEYS)
    throw unusable(KEY_SET_PATH, `is not a list of up to ${MAX_KEYS} keys`);
  return createLocalJWKSet({ keys: keys.flatMap((key) => verifyingKey(key)) });
}

/** jose checks the members of a key before it uses it. */
function verifyingKey(key: unknown): { readonly kty: string }[] {
  const kty = asText(asObject(key)?.['kty']);
  return kty === 'RSA' || kty === 'EC' ? [{ ...asObject(key), kty }] : [];
}

async function getDocument(client: Pick<ApiClient, 'get'>, path: string): Promise<unknown> {
  const answer = await client.get(path, { timeoutMs: TIMEOUT_MS, signal: NEVER_ABORTED });
  if (answer.status === 200) return answer.body;
  throw apiRefused(
    path,
    answer,
    "let the agent's ServiceAccount read it, as the ClusterRole system:service-account-issuer-discovery does",
  );
}

function unusable(path: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_KEY_SET',
    object: `API server ${path}`,
    problem,
    remedy: 'check the flags --service-account-issuer and --service-account-key-file of the API server',
  });
}
