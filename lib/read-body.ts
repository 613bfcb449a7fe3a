import type { IncomingMessage } from 'node:http';
import type { BodyShare } from './body-budget.ts';

/** A body beyond its limit. The rest of it is not kept: the connection is to end with the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** A body that had to make room for others. The connection is to end with the answer. */
export class BodyEndedError extends Error {
  override readonly name = 'BodyEndedError';
}

/**
 * The body of a message; one whose Content-Length is beyond the limit is refused before any of it is read. What arrives after a refusal
 * is dropped, until the connection ends (`lingering-close.ts`).
 * By events, since an asynchronous iterator costs a webhook some percent of its requests.
 * @param share what it may hold of a budget; default: the limit alone
 * @throws BodyTooLargeError, BodyEndedError; another Error if the body does not arrive whole
 */
export function readBody(message: IncomingMessage, maxBytes: number, share?: BodyShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] | undefined = [];
    let bytes = 0;
    const refuse = (error: Error) => {
      chunks = undefined;
      reject(error);
    };
    const tooLarge = () => refuse(new BodyTooLargeError(`the body has more than ${maxBytes} bytes`));
    if (Number(message.headers['content-length']) > maxBytes) return tooLarge();
    share?.begin(() => refuse(new BodyEndedError('the body had to make room for others')));
    message.on('data', (chunk: Buffer) => {
      if (!chunks) return;
      bytes += chunk.length;
      if (bytes > maxBytes) return tooLarge();
      chunks.push(chunk);
      share?.hold(chunk.length);
    });
    message.once('end', () => chunks && resolve(Buffer.concat(chunks, bytes)));
    message.once('error', refuse);
  });
}
