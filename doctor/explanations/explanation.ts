import type { LinkId } from '../link-ids.ts';

/** Explanation of one finding, for docs/troubleshooting.md. */
export interface Explanation {
  readonly link: LinkId;
  /** Heading of the entry: the finding in a few words. */
  readonly title: string;
  /**
   * Texts of errors that a user of this broken link sees, and searches for, from STS, SDKs, kubelet or the
   * API server. Empty if nothing is seen but a missing role.
   */
  readonly errors: readonly string[];
  /** One to three sentences on how it comes about. */
  readonly happened: string;
  /** Imperative: advice to the user. */
  readonly remedy: string;
}

/** Findings of one part of the chain. */
export type Explanations = Readonly<Record<string, Explanation>>;
