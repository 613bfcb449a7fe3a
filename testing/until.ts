import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 5_000;
const STEP_MS = 5;

/** Waits until the condition holds, for what nothing tells of; throws after five seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${WAIT_MS} ms: ${what}`);
    await sleep(STEP_MS);
  }
}
