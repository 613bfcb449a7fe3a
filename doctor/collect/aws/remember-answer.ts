import { Readable } from 'node:stream';
import type { STSClient } from '@aws-sdk/client-sts';
import { systemClock } from '../../../lib/clock.ts';
import { asObject, asText } from '../../../lib/json/json.ts';
import { readBounded } from '../../../lib/read-bounded.ts';

/** HTTP answer as the server sent it. */
export interface SeenAnswer {
  readonly status: number;
  readonly body: string;
  /** Clock of the server minus that of this machine; undefined if it did not send its time. */
  readonly clockSkewMs: number | undefined;
}

/** An answer has two or three thousand bytes. */
const MAX_BYTES = 128 * 1024;

/**
 * Makes a client remember its last answer, whose body it reads within bounds.
 * @returns a function that returns the answer; undefined if there was none
 */
export function rememberAnswer(client: STSClient): () => SeenAnswer | undefined {
  let seen: SeenAnswer | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = asObject(result.response);
      const bytes =
        response?.['body'] instanceof Readable ? await bounded(response['body']) : Buffer.alloc(0);
      // The SDK takes bytes in place of a stream.
      Object.assign(result.response ?? {}, { body: bytes });
      seen = {
        status: Number(response?.['statusCode']),
        body: bytes.toString('utf8'),
        clockSkewMs: skewOf(asText(asObject(response?.['headers'])?.['date'])),
      };
      return result;
    },
    // Closest to the network: the SDK has not read the body.
    { step: 'deserialize', name: 'rememberAnswer', priority: 'low' },
  );
  return () => seen;
}

/** Returns an empty body for one that is too large: no STS sends it. */
async function bounded(body: Readable): Promise<Buffer> {
  return (await readBounded(body, MAX_BYTES)) ?? Buffer.alloc(0);
}

function skewOf(date = ''): number | undefined {
  const theirs = Date.parse(date);
  return Number.isNaN(theirs) ? undefined : theirs - systemClock.now().getTime();
}
