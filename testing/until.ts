import { waitFor } from './wait-for.ts';

const WAIT_MS = 5_000;

/** Waits until the condition holds, for what nothing tells of; throws after five seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await waitFor(holds, what, WAIT_MS);
}
