import { lookup } from 'node:dns/promises';
import { servedThumbprint } from '../../bind/facts/served-thumbprint.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asArray, asObject } from '../../lib/json/json.ts';
import type { Env } from '../../lib/surroundings.ts';
import { bundledAuthorities } from '../../lib/tls/authorities.ts';
import type { OpenPublication } from '../../oidc/publication/open-publication.ts';
import { applyPublication, type PublicationPlan, planPublication } from '../../oidc/publication/publish.ts';
import type { ApiServerKeys } from '../../oidc/sources/api-server-keys.ts';
import type { IssuerEndpoint } from '../../oidc/verify/fetch-answer.ts';
import { fetchDiscovery, fetchDocument } from '../../oidc/verify/issuer-documents.ts';
import { type Check, verifyPublication } from '../../oidc/verify/verify-publication.ts';
import type { UpSettings } from '../settings.ts';

export interface PublicationTools {
  readonly settings: Pick<UpSettings, 'verify' | 'verifyTimeout'>;
  readonly endpoint: IssuerEndpoint;
  readonly env: Env;
  readonly signal: AbortSignal;
}

/**
 * Plans the documents of `--to`. If they are all there, they are also fetched from the issuer's URL.
 * @throws PodroleError `ISSUER_NOT_SERVED`; what planPublication throws
 */
export async function planDocuments(
  publication: OpenPublication,
  tools: PublicationTools,
): Promise<PublicationPlan> {
  const plan = await planPublication(await publication.request(tools.signal));
  if (plan.writes.length === 0) await expectServed(plan, 0, tools);
  return plan;
}

/**
 * Writes the documents, and fetches them as STS does.
 * @throws PodroleError `ISSUER_NOT_SERVED`; what applyPublication throws
 */
export async function publishDocuments(
  plan: PublicationPlan,
  say: (line: string) => void,
  tools: PublicationTools,
): Promise<void> {
  if (plan.writes.length === 0) return;
  const result = await applyPublication(plan);
  for (const path of result.written) say(`done: ${path} in ${plan.request.target.name}: written`);
  await expectServed(result.plan, tools.settings.verifyTimeout, tools);
}

async function expectServed(
  { published }: PublicationPlan,
  timeoutMs: number,
  { settings, endpoint, env, signal }: PublicationTools,
): Promise<void> {
  if (!settings.verify) return;
  const { issuer, connectTo } = endpoint;
  const checks = await verifyPublication({
    endpoint,
    expected: published,
    timeoutMs,
    clock: systemClock,
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    thumbprint: () => servedThumbprint(issuer, signal, { env, connectTo }),
    publicAuthorities: bundledAuthorities,
    signal,
  });
  const failed = checks.filter(({ outcome }: Check) => outcome === 'failed');
  if (failed.length === 0) return;
  throw new PodroleError({
    code: 'ISSUER_NOT_SERVED',
    object: `issuer ${issuer}`,
    problem: `its documents are published, but STS could not use them: ${failed.map(({ finding }) => finding).join('; ')}`,
    remedy:
      'let the URL of the issuer lead to the place of --to, then run again; --verify=false leaves this check out',
  });
}

/**
 * Compares the keys of the API server with those that the issuer's URL serves already, whoever published
 * them.
 * @throws PodroleError `ISSUER_NOT_SERVED` if a key is missing there
 */
export async function expectPublished(source: ApiServerKeys, tools: PublicationTools): Promise<void> {
  const { endpoint, settings, signal } = tools;
  if (!settings.verify) return;
  const missing = await missingKeys(source, endpoint, signal);
  if (missing === undefined) return;
  throw new PodroleError({
    code: 'ISSUER_NOT_SERVED',
    object: `issuer ${endpoint.issuer}`,
    problem: missing,
    remedy:
      'give --to, the folder or s3://BUCKET that its URL serves, and podrole publishes the keys there; --verify=false leaves this check out',
  });
}

async function missingKeys(
  source: ApiServerKeys,
  endpoint: IssuerEndpoint,
  signal: AbortSignal,
): Promise<string | undefined> {
  const served = await source.read(signal);
  try {
    const { jwksUri } = await fetchDiscovery(endpoint);
    const { json } = await fetchDocument(jwksUri, endpoint);
    const published = new Set((asArray(json['keys']) ?? []).map((key) => asObject(key)?.['kid']));
    const missing = served.filter(({ kid }) => !published.has(kid)).map(({ kid }) => kid);
    return missing.length === 0
      ? undefined
      : `its key set lacks the keys ${missing.join(', ')} of the API server`;
  } catch (thrown) {
    return `STS cannot fetch its keys: ${messageOf(thrown)}`;
  }
}
