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
 *
 * The body is copied into one buffer. A client decides into how many chunks it cuts its body, and Node makes an object of some 400 bytes
 * of each: a list of chunks of one byte would take 400 times what is counted.
 * @param share what it may hold of a budget, which counts the buffer and not only what is filled of it; default: the limit alone
 * @returns the body; its `buffer` is its own, and may be up to twice as long
 * @throws BodyTooLargeError, BodyEndedError; another Error if the body does not arrive whole
 */
export function readBody(message: IncomingMessage, maxBytes: number, share?: BodyShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer: Buffer | undefined = NOTHING;
    let bytes = 0;
    const refuse = (error: Error) => {
      buffer = undefined;
      reject(error);
    };
    const tooLarge = () => refuse(new BodyTooLargeError(`the body has more than ${maxBytes} bytes`));
    if (Number(message.headers['content-length']) > maxBytes) return tooLarge();
    share?.begin(() => refuse(new BodyEndedError('the body had to make room for others')));
    message.on('data', (chunk: Buffer) => {
      if (!buffer) return;
      const total = bytes + chunk.length;
      if (total > maxBytes) return tooLarge();
      const grown = withRoom(buffer, total, maxBytes);
      chunk.copy(grown, bytes);
      const more = grown.length - buffer.length;
      [buffer, bytes] = [grown, total];
      // Last, since it may end this very body.
      if (more > 0) share?.hold(more);
    });
    message.once('end', () => buffer && resolve(buffer.subarray(0, bytes)));
    message.once('error', refuse);
  });
}

const NOTHING = Buffer.alloc(0);

/** The buffer, or its content in one that is at least twice as long: so that each byte is copied about once however many chunks come. */
function withRoom(buffer: Buffer, bytes: number, maxBytes: number): Buffer {
  if (bytes <= buffer.length) return buffer;
  const grown = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(bytes, 2 * buffer.length)));
  buffer.copy(grown);
  return grown;
}
