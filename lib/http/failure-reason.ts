import { codeOf } from '../errors.ts';
import { proxyFaultOf } from './proxy/proxy-fault.ts';

/** Kind of a failure to get an answer over HTTP. */
export type FailureReason = 'dns' | 'refused' | 'timeout' | 'certificate' | 'proxy' | 'other';

const BY_CODE: readonly (readonly [RegExp, FailureReason])[] = [
  [/^(?:ENOTFOUND|ENODATA|EAI_[A-Z]+)$/, 'dns'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(?:ETIMEDOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/, 'timeout'],
  [/^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_ALTNAME)/, 'certificate'],
];

/**
 * Returns the kind of a failed request, by codes of Node and OpenSSL and not by messages. A proxy that does
 * not lead to the target counts as `proxy`, whatever its own failure is.
 */
export function failureReason(thrown: unknown): FailureReason {
  if (proxyFaultOf(thrown)) return 'proxy';
  let error = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (error.name === 'TimeoutError') return 'timeout';
    const code = codeOf(error) ?? '';
    const known = BY_CODE.find(([codes]) => codes.test(code));
    if (known) return known[1];
    error = error.cause;
  }
  return 'other';
}
