import { z } from 'zod';
import { type FactsOf, reading } from './reading.ts';

/** One GET without credentials, as STS makes it. */
const fetched = z.object({
  url: z.string(),
  status: z.number(),
  /** Target of a redirect. */
  location: z.string().optional(),
  contentType: z.string(),
  /** Undefined if the body is sent as it is. It is never decompressed. */
  contentEncoding: z.string().optional(),
  /** From the DNS query to the last byte. */
  tookMs: z.number(),
  /**
   * The members that STS reads, no others. Undefined if the body is not a JSON object, or is too large.
   */
  json: z.record(z.string(), z.unknown()).optional(),
  tooLarge: z.boolean(),
});

/** Result of a fetch that got no HTTP answer. */
const unanswered = z.object({
  url: z.string(),
  reason: z.enum(['dns', 'refused', 'timeout', 'certificate', 'proxy', 'other']),
  /** In words. */
  said: z.string(),
});

/**
 * A key of the published set, judged when it was read: what is saved of its numbers may have been redacted.
 */
const publishedKey = z.object({
  kid: z.string().optional(),
  /** Empty if it is not a key. */
  kty: z.string(),
  /** Reason why nobody verifies a token with it: `has the use "enc", not sig`. */
  problem: z.string().optional(),
  /** SHA-1 of the certificates in `x5c`, in hex, lower case. */
  thumbprints: z.array(z.string()),
});

/** A served certificate, the leaf first. */
const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  notBefore: z.string(),
  notAfter: z.string(),
  isCa: z.boolean(),
  /** SHA-1 in hex, lower case. */
  thumbprint: z.string(),
});

/** The chain that the issuer's host serves. */
const chain = z.object({
  certificates: z.array(certificate),
  /** Verified with the public CAs alone, which are those that AWS trusts. */
  isPublic: z.boolean(),
  /** True if the leaf is valid for the host of the issuer. */
  isForHost: z.boolean(),
  /** Reason if this machine does not trust it either. */
  problem: z.string().optional(),
  /** The same as a code of OpenSSL or Node: `CERT_HAS_EXPIRED`. */
  problemCode: z.string().optional(),
});

export const issuerFactsSchema = z.object({
  /** As the tokens name it. */
  url: z.string(),
  /** Addresses of its host, from here. */
  addresses: reading(z.array(z.string())),
  /** `HOST:PORT` that the user connects to in place of its host, and so says that STS reaches the issuer. */
  connectedTo: z.string().optional(),
  /** True if a proxy of this machine leads to it. */
  isProxied: z.boolean(),
  discovery: reading(z.union([fetched, unanswered])),
  /** From `jwks_uri` of the discovery document. Private members of keys are removed; their names are kept. */
  keySet: reading(z.union([fetched, unanswered])),
  /** Addresses of the host of `jwks_uri`, from here. Undefined if it is the host of the issuer. */
  keySetAddresses: reading(z.array(z.string())).optional(),
  /** Undefined if no list of keys was read. */
  keys: z.array(publishedKey).optional(),
  /** Names of private members (`d`, `p` …) that the key set publishes, by kid or `keys[3]`. */
  privateMembers: z.record(z.string(), z.array(z.string())),
  chain: reading(chain),
});

export type IssuerFacts = FactsOf<typeof issuerFactsSchema>;
export type Fetched = FactsOf<typeof fetched>;
export type PublishedKeyFacts = FactsOf<typeof publishedKey>;
export type ChainOfIssuer = FactsOf<typeof chain>;
export type Unanswered = FactsOf<typeof unanswered>;
