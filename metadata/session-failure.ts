import type { AnswerCode, FaultCode } from '../lib/errors/code.ts';
import { describeFault, PodroleError } from '../lib/errors.ts';

/** Reason for which there is no session, as clients get it. */
export interface SessionFailure {
  readonly status: 403 | 500 | 503;
  readonly code: FaultCode | AnswerCode;
  readonly message: string;
}

/**
 * Codes of failures that no retry fixes: somebody has to change the role, its trust policy or the settings.
 */
const REFUSED_CODES: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'AGENT_TOKEN_REFUSED',
  'NO_ROLE',
  'STS_REFUSED',
]);

/**
 * Returns the answer to a client when there is no session.
 *
 * - 403 if STS refused the role, or the agent the caller: SDKs do not repeat a 403 (they repeat 5xx), so the
 *   app fails at once and says why. Real EC2 answers 200 with another `Code`, which SDKs that do not read
 *   `Code` take for credentials. 404 would mean "no role", and SDKs would silently go on to another source of
 *   credentials.
 * - 503 for what passes: STS unreachable, throttling or failing, no token yet. The SDKs for JavaScript, Java
 *   and Go ask again.
 * - 500 for an internal error; no details are returned.
 */
export function describeSessionFailure(thrown: unknown): SessionFailure {
  if (!(thrown instanceof PodroleError) || !thrown.faults[0]) {
    return {
      status: 500,
      code: 'INTERNAL_ERROR',
      message: 'internal error; the log of podrole says why',
    };
  }
  const status = REFUSED_CODES.has(thrown.code) ? 403 : 503;
  return { status, code: thrown.code, message: oneLine(describeFault(thrown.faults[0])) };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
