import type { Remedy } from '../../../chain/finding.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';

/** Reason why the live call got no session. */
export interface Cause {
  /** Undefined if it proves nothing: it may pass by itself, or be true only from here. */
  readonly code: FindingCode | undefined;
  /** Rest of a sentence that begins with the STS. */
  readonly found: string;
  readonly remedy: Remedy;
  readonly details: readonly string[];
}
