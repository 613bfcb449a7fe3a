import { PodroleError } from '../../lib/errors.ts';

/** Verified claims of a token that a pod shows to the agent. */
export interface AgentToken {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly serviceAccountName: string;
  readonly audience: string;
  /** Expiry, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/**
 * Makes the error for a token that is not accepted. It repeats no part of the token.
 * @param problem continues a sentence about the token
 */
export function tokenRefused(problem: string, options?: ErrorOptions): PodroleError {
  return new PodroleError(
    {
      code: 'AGENT_TOKEN_REFUSED',
      object: 'token in Authorization',
      problem,
      remedy: 'send the content of the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE as it is now',
    },
    options,
  );
}
