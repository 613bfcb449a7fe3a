import type { ApiClient } from '../../../../kubernetes/api-client.ts';
import { JWKS_PATH } from '../../../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../../../lib/contract/sts.ts';
import { asArray, asObject, asText, type JsonObject } from '../../../../lib/json/json.ts';
import type { ClusterFacts } from '../../../facts/cluster-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { attempt, type ClusterAccess, getObject, readingOf } from './read-cluster.ts';

export interface ApiServerReading {
  readonly apiServer: ClusterFacts['apiServer'];
  /** JSON of its key set. */
  readonly keySet: Reading<JsonObject>;
  readonly clockSkewSeconds: Reading<number>;
}

const NEEDS = 'the ClusterRole system:service-account-issuer-discovery';
const VERSION_PATH = '/version';

/** Reads the documents of an API server, its version, and its clock. */
export async function readApiServer(access: ClusterAccess, now: () => Date): Promise<ApiServerReading> {
  const [discovery, keySet, version] = await Promise.all([
    getObject(access, DISCOVERY_PATH, NEEDS, (document) => document),
    getObject(access, JWKS_PATH, NEEDS, (document) => document),
    readVersion(access, now),
  ]);
  return {
    apiServer: joined(discovery, keySet, valueIn(version)?.version),
    keySet,
    clockSkewSeconds: skewIn(version),
  };
}

function joined(
  discovery: Reading<JsonObject>,
  keySet: Reading<JsonObject>,
  version: string | undefined,
): ClusterFacts['apiServer'] {
  if (discovery.state !== 'read') return discovery;
  const { issuer, jwks_uri: jwksUri } = discovery.value;
  const keys = (asArray(valueIn(keySet)?.['keys']) ?? []).map((key) => asText(asObject(key)?.['kid']) ?? '');
  const value = { issuer: asText(issuer) ?? '', jwksUri: asText(jwksUri) ?? '', keys };
  return { state: 'read', value: { ...value, ...(version !== undefined && { version }) } };
}

interface Version {
  readonly version: string | undefined;
  readonly skewSeconds: number | undefined;
}

function readVersion({ client, limits }: ClusterAccess, now: () => Date): Promise<Reading<Version>> {
  return attempt(limits, async () => {
    const begin = now().getTime();
    const answer = await client.get(VERSION_PATH, limits);
    const middle = (begin + now().getTime()) / 2;
    const skewSeconds = skewOf(answer.date, middle);
    // The clock is in every answer, also in a refusal.
    if (answer.status !== 200 && skewSeconds !== undefined)
      return { state: 'read', value: { version: undefined, skewSeconds } };
    return readingOf(answer, `get on the URL ${VERSION_PATH}`, (body) => ({
      version: asText(body['gitVersion']),
      skewSeconds,
    }));
  });
}

/** The header has whole seconds, cut off: half a second is its mean error. */
function skewOf(date: string | undefined, localMs: number): number | undefined {
  const serverMs = Date.parse(date ?? '');
  return Number.isNaN(serverMs) ? undefined : Math.round((serverMs + 500 - localMs) / 1_000);
}

function skewIn(version: Reading<Version>): Reading<number> {
  if (version.state !== 'read') return version;
  const { skewSeconds } = version.value;
  return skewSeconds === undefined
    ? { state: 'failed', said: 'its answers have no Date header' }
    : { state: 'read', value: skewSeconds };
}

const REVIEWS_PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Asks the API server who the bearer of a token is: true if it takes the token for a login. */
export function acceptsLogin(
  client: Pick<ApiClient, 'send' | 'get'>,
  limits: ClusterAccess['limits'],
): Promise<Reading<boolean>> {
  return attempt(limits, async () => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    let answer = await client.send({ method: 'POST', path: REVIEWS_PATH, body }, limits);
    // Older servers do not have it; the answer for an unknown bearer is 401 everywhere.
    if (answer.status === 404) answer = await client.get('/api', limits);
    if (answer.status === 401) return { state: 'read', value: false };
    if (answer.status < 300 || answer.status === 403) return { state: 'read', value: true };
    return readingOf(answer, 'create on selfsubjectreviews.authentication.k8s.io', () => true);
  });
}
