import type { FindingCode } from '../../../explanations/finding-code.ts';

/** Reason why a statement of a trust policy does not let in a token. */
export interface Refusal {
  readonly code: FindingCode;
  /** Higher for a statement that comes closer to letting the token in. The highest is explained. */
  readonly closeness: number;
  /** Rest of a sentence that begins with the trust policy. */
  readonly found: string;
  readonly details: readonly string[];
}
