import type { AnswerCode, FaultCode } from '../lib/errors/code.ts';
import { describeFault, PodroleError } from '../lib/errors.ts';

/** Why there is no session, as a client is told. */
export interface SessionFailure {
  readonly status: 403 | 500 | 503;
  readonly code: FaultCode | AnswerCode;
  readonly message: string;
}

/** Codes of failures that no retry mends: somebody has to change the role, its trust policy or the settings. */
const REFUSED_CODES: ReadonlySet<FaultCode> = new Set<FaultCode>(['STS_REFUSED']);

/**
 * What a client is told when there is no session.
 *
 * - 403 where STS refused the role: SDKs do not repeat a 403 (they repeat 5xx), the app fails at once and says why. Real EC2 answers 200
 *   with another `Code`, which SDKs that do not read `Code` take for credentials; 404 would mean "no role", and those go on to another
 *   source of credentials in silence.
 * - 503 for what passes: STS not reached, throttled or failing, no token yet. JavaScript, Java and Go SDKs ask again.
 * - 500 for a fault of podrole itself, of which nothing but that is told.
 */
export function describeSessionFailure(thrown: unknown): SessionFailure {
  if (!(thrown instanceof PodroleError) || !thrown.faults[0]) {
    return {
      status: 500,
      code: 'INTERNAL_ERROR',
      message: 'the sidecar failed; its log may say why',
    };
  }
  const status = REFUSED_CODES.has(thrown.code) ? 403 : 503;
  return { status, code: thrown.code, message: oneLine(describeFault(thrown.faults[0])) };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
