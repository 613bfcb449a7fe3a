import type { IncomingMessage } from 'node:http';

/** A body beyond its limit. The rest of it is not read: the connection is to end with the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * The body of a message; one whose Content-Length is beyond the limit is refused before any of it is read.
 * @throws BodyTooLargeError; another Error where the body does not arrive whole
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new BodyTooLargeError(`the body has more than ${maxBytes} bytes`);
  if (Number(message.headers['content-length']) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left before its end, the message must stay open: it is the answer that goes out first.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
