import { waitFor } from '../wait-for.ts';

/** A process that is started beside many others may need its time. */
const WAIT_MS = 60_000;

/** Polls until the condition holds. */
export async function inTime(holds: () => boolean, what: string): Promise<void> {
  await waitFor(holds, what, WAIT_MS);
}
