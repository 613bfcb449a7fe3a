import type { IncomingMessage } from 'node:http';

/** A body beyond its limit. The rest of it is not read: the connection is to end with the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * The body of a message; one whose Content-Length is beyond the limit is refused before any of it is read.
 * By events, since an asynchronous iterator costs a webhook some percent of its requests.
 * @throws BodyTooLargeError; another Error where the body does not arrive whole
 */
export function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new BodyTooLargeError(`the body has more than ${maxBytes} bytes`));
    if (Number(message.headers['content-length']) > maxBytes) return refuse();
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        message.pause();
        refuse();
      }
    });
    message.once('end', () => resolve(Buffer.concat(chunks, bytes)));
    message.once('error', reject);
  });
}
