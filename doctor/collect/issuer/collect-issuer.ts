import { DISCOVERY_PATH, ISSUER_FETCH_TIMEOUT_MS } from '../../../lib/contract/sts.ts';
import { proxyFor } from '../../../lib/http/proxy/proxy-for.ts';
import { belowIssuer, issuerProblem } from '../../../lib/issuer.ts';
import { asText, type JsonObject } from '../../../lib/json/json.ts';
import type { Env } from '../../../lib/surroundings.ts';
import { bundledAuthorities } from '../../../lib/tls/authorities.ts';
import type { IssuerEndpoint } from '../../../oidc/verify/fetch-answer.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import { notAsked, unaskedIssuer } from '../../facts/not-asked.ts';
import type { Reading } from '../../facts/reading.ts';
import { leadsToLoopback, leadsToMetadata, lookUp, type Resolve, readAddresses } from '../host-addresses.ts';
import { discoveryMembers, keyFacts, keySetMembers } from './public-members.ts';
import { readChain } from './read-chain.ts';
import { type ReadDocument, readDocument } from './read-document.ts';

/** Issuer to look at, and how it is reached from here. */
export interface IssuerQuestion {
  /** As the tokens name it. */
  readonly issuer: string;
  /** Address to connect to in place of the issuer's host. */
  readonly connectTo?: IssuerEndpoint['connectTo'];
  /** Certificates to trust besides those of this machine, in PEM. */
  readonly ca?: string | undefined;
  /** Names the proxies. */
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly resolve?: Resolve;
  /** Certificates of the CAs that AWS trusts too; default: those that Node brings along. */
  readonly publicAuthorities?: () => Promise<readonly string[]>;
}

/**
 * Reads what STS reads of an issuer: both documents, without credentials, and the served certificates. It
 * follows no redirect, sends nothing to a metadata address, and never throws for what an issuer does.
 */
export async function collectIssuer(question: IssuerQuestion): Promise<IssuerFacts> {
  const { issuer, connectTo, ca, env, signal } = question;
  const problem = issuerProblem(issuer);
  if (problem !== undefined) return unaskedIssuer(issuer, `the issuer ${problem}`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ISSUER_FETCH_TIMEOUT_MS)]);
  const way = { env, connectTo };
  const addresses = connectTo
    ? notAsked('another address is connected to')
    : await readAddresses(issuer, question.resolve ?? lookUp, limit);
  if (leadsToMetadata(addresses)) {
    return { ...unaskedIssuer(issuer, 'its host answers metadata of this machine'), addresses };
  }
  const authorities = question.publicAuthorities ?? bundledAuthorities;
  const [documents, chain] = await Promise.all([
    readDocuments(question),
    readChain({ issuer, way, ca, bundledAuthorities: authorities }, limit),
  ]);
  const connectedTo = connectTo && `${connectTo.host}:${connectTo.port}`;
  return {
    url: issuer,
    addresses,
    ...(connectedTo !== undefined && { connectedTo }),
    isProxied: isProxied(question),
    ...documents,
    chain,
  };
}

type Documents = Omit<IssuerFacts, 'url' | 'addresses' | 'connectedTo' | 'isProxied' | 'chain'>;

async function readDocuments(question: IssuerQuestion): Promise<Documents> {
  const { issuer, connectTo, env, signal } = question;
  const endpoint: IssuerEndpoint = { issuer, env, ...(connectTo && { connectTo }) };
  const url = belowIssuer(issuer, DISCOVERY_PATH);
  const discovery = await readDocument(url, endpoint, signal, discoveryMembers);
  const { addresses, document } = await readKeySet(discovery.json, endpoint, question);
  return {
    discovery: discovery.reading,
    keySet: document.reading,
    ...(addresses && { keySetAddresses: addresses }),
    ...(document.json ? keyFacts(document.json) : { privateMembers: {} }),
  };
}

interface ReadKeySet {
  readonly document: ReadDocument;
  /** Undefined if its host is that of the issuer. */
  readonly addresses?: Reading<string[]>;
}

async function readKeySet(
  discovery: JsonObject | undefined,
  endpoint: IssuerEndpoint,
  { issuer, resolve = lookUp, signal }: IssuerQuestion,
): Promise<ReadKeySet> {
  const address = asText(discovery?.['jwks_uri']);
  const url = address === undefined ? null : URL.parse(address);
  const left = (why: string): ReadKeySet => ({ document: { reading: notAsked(why), json: undefined } });
  if (!discovery) return left('the discovery document was not read');
  if (!address || !url) return left('the discovery document has no jwks_uri');
  if (url.protocol !== 'https:') return left('jwks_uri is not an https URL');
  if (url.username || url.password) return left('jwks_uri has a user name or a password');
  if (url.host === new URL(issuer).host) {
    return { document: await readDocument(address, endpoint, signal, keySetMembers) };
  }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ISSUER_FETCH_TIMEOUT_MS)]);
  const addresses = await readAddresses(address, resolve, limit);
  if (leadsToMetadata(addresses)) return { ...left('jwks_uri leads to a metadata address'), addresses };
  if (leadsToLoopback(addresses)) return { ...left('jwks_uri leads to this machine'), addresses };
  return { document: await readDocument(address, endpoint, signal, keySetMembers), addresses };
}

/** Returns true if a proxy looks up the issuer's host, so that this machine need not know its address. */
function isProxied({ issuer, connectTo, env }: IssuerQuestion): boolean {
  if (connectTo) return false;
  try {
    return proxyFor(new URL(issuer), env) !== undefined;
  } catch {
    // A variable that is not the URL of a proxy: every fetch fails, and says so.
    return true;
  }
}
