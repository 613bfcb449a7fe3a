import type { IncomingHttpHeaders } from 'node:http';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import { textError } from './text-answer.ts';
import type { MetadataTokens } from './token.ts';

/** `optional` also answers requests without a token (IMDSv1). A token that is sent is checked in any case. */
export type Imdsv2 = 'optional' | 'required';

const TOKEN_HEADER = INSTANCE_METADATA.tokenHeader.toLowerCase();

/**
 * Returns the refusal of a request by its token; undefined if it may pass. 401, not 403: on 401 SDKs fetch a
 * new token.
 */
export function refuseByToken(
  headers: IncomingHttpHeaders,
  imdsv2: Imdsv2,
  tokens: MetadataTokens,
): EndpointAnswer | undefined {
  const token = headers[TOKEN_HEADER];
  if (token === undefined) {
    if (imdsv2 === 'optional') return undefined;
    return textError(
      401,
      'TOKEN_REQUIRED',
      `send ${INSTANCE_METADATA.tokenHeader}: only IMDSv2 is served here`,
    );
  }
  if (typeof token === 'string' && tokens.accepts(token)) return undefined;
  return textError(
    401,
    'INVALID_TOKEN',
    `the token has expired or was not issued here; PUT ${INSTANCE_METADATA.tokenPath} for a new one`,
  );
}
