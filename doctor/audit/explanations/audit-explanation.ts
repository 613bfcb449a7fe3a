import type { Severity } from '../severity.ts';

/** Explanation of one audit finding, for docs/audit.md and SARIF. */
export interface AuditExplanation {
  readonly title: string;
  readonly severity: Severity;
  /** One to three sentences: what it means, and who could do what by it. */
  readonly happened: string;
  /** Imperative: advice to the user. */
  readonly remedy: string;
}
