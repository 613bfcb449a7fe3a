import type { IncomingMessage } from 'node:http';
import rawBody from 'raw-body';

/** A body beyond its limit. The rest of it is not read: the connection is to end with the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * The body of a request; one whose Content-Length is beyond the limit is refused before any of it is read.
 * @throws BodyTooLargeError; another Error where the body does not arrive whole
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    return await rawBody(request, { limit: maxBytes, length: request.headers['content-length'] ?? null });
  } catch (thrown) {
    const isTooLarge = thrown instanceof Error && 'type' in thrown && thrown.type === 'entity.too.large';
    throw isTooLarge ? new BodyTooLargeError(`the body has more than ${maxBytes} bytes`) : thrown;
  }
}
