import { waitFor } from './wait-for.ts';

const WAIT_MS = 60_000;

/** Polls until the condition holds, for states that have no event; throws after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await waitFor(holds, what, WAIT_MS);
}
