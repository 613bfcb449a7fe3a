import { messageOf } from '../../../lib/errors.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { fetchAnswer, type IssuerEndpoint, IssuerFetchError } from '../../../oidc/verify/fetch-answer.ts';
import type { Fetched, Unanswered } from '../../facts/issuer-facts.ts';
import type { Reading } from '../../facts/reading.ts';

/**
 * Twice as long as STS waits, so that a finding can say how long an issuer takes. A key set of 200 keys of
 * 4096 bits is 160 KiB.
 */
const LIMITS = { timeoutMs: 10_000, maxBytes: 1024 * 1024 } as const;

/** One document as it was fetched. Its whole JSON is only here, and not among the facts. */
export interface ReadDocument {
  readonly reading: Reading<Fetched | Unanswered>;
  /** Undefined if the body is not a JSON object, or is too large. */
  readonly json: JsonObject | undefined;
}

/**
 * Fetches a document of an issuer, whoever signed its certificate: that is a judgement of its own.
 * @param members those of its JSON that are kept
 */
export async function readDocument(
  url: string,
  endpoint: IssuerEndpoint,
  signal: AbortSignal,
  members: (json: JsonObject) => JsonObject,
): Promise<ReadDocument> {
  try {
    const answer = await fetchAnswer(url, endpoint, { ...LIMITS, signal, trustsAnyone: true });
    const { status, body, contentType, contentEncoding, location, tookMs } = answer;
    const json = status === 200 && body ? parseObject(body.toString('utf8')) : undefined;
    const value: Fetched = {
      url,
      status,
      contentType,
      tookMs: Math.round(tookMs),
      tooLarge: body === undefined,
      ...(contentEncoding !== undefined && { contentEncoding }),
      ...(location !== undefined && { location }),
      ...(json && { json: members(json) }),
    };
    return { reading: { state: 'read', value }, json };
  } catch (thrown) {
    const { problem, reason = 'other' } = thrown instanceof IssuerFetchError ? thrown : {};
    const value: Unanswered = { url, reason, said: problem ?? messageOf(thrown) };
    return { reading: { state: 'read', value }, json: undefined };
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
