import type { IncomingMessage } from 'node:http';
import { BoundedBuffer } from '../../read-bounded.ts';
import type { BodyShare } from './body-budget.ts';

/** A body beyond its limit. Its rest is dropped, so the connection must end with the answer. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** A body that had to make room for others. The connection must end with the answer. */
export class BodyEndedError extends Error {
  override readonly name = 'BodyEndedError';
}

/**
 * Reads the body of a message. A body whose Content-Length is beyond the limit is refused before any of it is
 * read. What arrives after a refusal is dropped, until the connection ends (`lingering-close.ts`). Reads by
 * events: an asynchronous iterator would cost a webhook some percent of its requests.
 * @param share what the body may hold of a budget, which counts the whole buffer; default: the limit alone
 * @returns the body; its `buffer` is its own, and may be up to twice as long
 * @throws BodyTooLargeError, BodyEndedError; another Error if the body does not arrive whole
 */
export function readBody(message: IncomingMessage, maxBytes: number, share?: BodyShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: BoundedBuffer | undefined = new BoundedBuffer(maxBytes);
    const refuse = (error: Error) => {
      bytes = undefined;
      reject(error);
    };
    const tooLarge = () => refuse(new BodyTooLargeError(`the body has more than ${maxBytes} bytes`));
    if (Number(message.headers['content-length']) > maxBytes) return tooLarge();
    share?.begin(() => refuse(new BodyEndedError('the body had to make room for others')));
    message.on('data', (chunk: Buffer) => {
      if (!bytes) return;
      const before = bytes.capacity;
      if (!bytes.add(chunk)) return tooLarge();
      const more = bytes.capacity - before;
      // Last, since it may end this very body.
      if (more > 0) share?.hold(more);
    });
    message.once('end', () => bytes && resolve(bytes.whole()));
    message.once('error', refuse);
  });
}
