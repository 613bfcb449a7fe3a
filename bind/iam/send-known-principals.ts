import { setTimeout as wait } from 'node:timers/promises';
import type { IAMClient } from '@aws-sdk/client-iam';
import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { messageOf } from '../../lib/errors.ts';
import { type IamCall, sendIamCall } from './iam-call.ts';

/** A role may be unknown to other accounts for some seconds after it was created. */
const ATTEMPTS = 6;
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 8_000 };

/**
 * Makes a call. IAM refuses a trust policy that names a role which it does not know yet: such a call is made
 * again, about half a minute long.
 * @param signal ends the waits, not the calls
 * @throws what the SDK throws
 */
export async function sendKnownPrincipals(
  iam: IAMClient,
  call: IamCall,
  signal: AbortSignal,
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown> = (ms, until) =>
    wait(ms, undefined, { signal: until }),
): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await sendIamCall(iam, call);
    } catch (thrown) {
      if (failures >= ATTEMPTS || signal.aborted || !isUnknownPrincipal(thrown)) throw thrown;
      // If the wait is given up, the last refusal says more than the abort.
      const isOver = await sleep(backoffMs(BACKOFF, failures, Math.random()), signal).then(
        () => false,
        () => true,
      );
      if (isOver) throw thrown;
    }
  }
}

/** [iam] UpdateAssumeRolePolicy: `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:…"` */
function isUnknownPrincipal(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /^MalformedPolicyDocument/.test(thrown.name) &&
    /Invalid principal/i.test(messageOf(thrown))
  );
}
