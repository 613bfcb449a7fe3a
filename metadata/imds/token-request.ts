import type { IncomingHttpHeaders } from 'node:http';
import { INSTANCE_METADATA, METADATA_TOKEN_TTL_SECONDS } from '../../lib/contract/imds.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import { isForwarded } from '../forwarded.ts';
import { textAnswer, textError } from './text-answer.ts';
import type { MetadataTokens } from './token.ts';

const TTL_HEADER = INSTANCE_METADATA.tokenTtlHeader.toLowerCase();

/**
 * Answers `PUT /latest/api/token`. EC2 User Guide, "Use the Instance Metadata Service": 400 if the TTL is
 * missing or out of range, 403 if an `X-Forwarded-For`, or here another header of proxies, shows that a proxy
 * forwarded the request. The answer has the TTL too; without it Go's SDK fails.
 */
export function answerTokenRequest(headers: IncomingHttpHeaders, tokens: MetadataTokens): EndpointAnswer {
  if (isForwarded(headers)) {
    return textError(
      403,
      'FORBIDDEN',
      'no token for a request that a proxy sent on (X-Forwarded-For or the like)',
    );
  }
  const ttlSeconds = parseTtlSeconds(headers[TTL_HEADER]);
  if (ttlSeconds === undefined) {
    const { min, max } = METADATA_TOKEN_TTL_SECONDS;
    return textError(
      400,
      'INVALID_TTL',
      `${INSTANCE_METADATA.tokenTtlHeader} must be a whole number of seconds from ${min} to ${max}`,
    );
  }
  return textAnswer(tokens.issue(ttlSeconds), { [INSTANCE_METADATA.tokenTtlHeader]: String(ttlSeconds) });
}

/** Two headers of the same name come joined by a comma, which is not a number either. */
function parseTtlSeconds(header: string | readonly string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : Number.NaN;
  const { min, max } = METADATA_TOKEN_TTL_SECONDS;
  return seconds >= min && seconds <= max ? seconds : undefined;
}
