import type { SessionSource } from '../../credentials/session.ts';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import type { Endpoint } from '../../lib/http/endpoint.ts';
import type { EndpointFacts } from '../endpoint-facts.ts';
import { isPath, pathSegments } from '../path-segments.ts';
import { describeSessionFailure } from '../session-failure.ts';
import { type Imdsv2, refuseByToken } from './check-token.ts';
import { metadataTree } from './metadata-tree.ts';
import { textAnswer, textError } from './text-answer.ts';
import type { MetadataTokens } from './token.ts';
import { answerTokenRequest } from './token-request.ts';
import { findNode, readNode } from './tree.ts';

const notFound = textError(404, 'NOT_FOUND', 'podrole does not serve this path, and forwards nothing');

/**
 * Endpoint of the instance metadata service, versions 1 and 2. HEAD is answered like GET, so that it has the
 * same Content-Length; the server leaves out the body. Refusals are 400, 401, 403, 404 and 405. 403, 500 and
 * 503 also say why there is no session (`describeSessionFailure`).
 */
export function metadataEndpoint(
  facts: EndpointFacts,
  sessions: SessionSource,
  tokens: MetadataTokens,
  imdsv2: Imdsv2,
): Endpoint {
  const tree = metadataTree(facts, sessions);
  return async ({ method, url, headers }) => {
    const segments = pathSegments(url);
    if (isPath(segments, INSTANCE_METADATA.tokenPath)) {
      return method === 'PUT' ? answerTokenRequest(headers, tokens) : notAllowed('PUT');
    }
    const node = segments && findNode(tree, segments);
    if (method !== 'GET' && method !== 'HEAD') return node ? notAllowed('GET, HEAD') : notFound;
    const refusal = refuseByToken(headers, imdsv2, tokens);
    if (refusal) return refusal;
    if (!node) return notFound;
    try {
      return textAnswer(await readNode(node));
    } catch (thrown) {
      const { status, code, message } = describeSessionFailure(thrown);
      return textError(status, code, message);
    }
  };
}

function notAllowed(allowed: string) {
  return textError(405, 'METHOD_NOT_ALLOWED', `only ${allowed}`, { Allow: allowed });
}
