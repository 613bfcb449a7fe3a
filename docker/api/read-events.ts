import { z } from 'zod';
import type { ContainerEvent } from '../containers/container-event.ts';
import { parseOrExplain } from './read-container.ts';

/** An event has the labels of its container. */
const MOST_BYTES_OF_EVENT = 4 * 1024 * 1024;

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/**
 * Reads events, one JSON document in each line. Those that are about no container are left out.
 * @throws Error for a line that is not an event
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncIterable<ContainerEvent> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      const read = readEvent(bytes.subarray(from, end).toString().trim());
      if (read) yield read;
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (rest.length > MOST_BYTES_OF_EVENT) throw new Error('an event is too long');
  }
}

const LINE_FEED = 0x0a;

function readEvent(line: string): ContainerEvent | undefined {
  if (line === '') return undefined;
  const { Type, Action, Actor } = parseOrExplain(event, JSON.parse(line));
  const containerId = Type === 'network' ? Actor.Attributes?.['container'] : Actor.ID;
  return containerId ? { action: Action, containerId } : undefined;
}
