import type { FindingCode } from '../explanations/finding-code.ts';
import type { LinkId } from '../link-ids.ts';

/**
 * - `ok`: as it should be
 * - `warning`: it works, but should be changed: a security finding, or something that will break
 * - `broken`: the pod cannot get its credentials
 * - `skipped`: depends on a broken link
 * - `unknown`: could not be read, for example for lack of a right
 */
export type FindingState = 'ok' | 'warning' | 'broken' | 'skipped' | 'unknown';

/** Advice, and commands that carry it out if commands can. */
export interface Remedy {
  /** Imperative: `restart the pod`. */
  readonly text: string;
  /**
   * Command lines, each complete and ready to paste into a POSIX shell: names that a tenant chose are quoted
   * by `shellWord`. Empty if no command can do it, for example in the configuration of a web server.
   */
  readonly commands: readonly string[];
}

/** Judgement of one link. Its texts may quote a tenant: they are printable, and hold no secret. */
export interface Finding {
  readonly link: LinkId;
  readonly state: FindingState;
  /** Stable. Each code has an entry in docs/troubleshooting.md. Undefined for `ok` and `skipped`. */
  readonly code: FindingCode | undefined;
  /** The judged thing as its user knows it: `ServiceAccount shop/web`, `role arn:…`. */
  readonly object: string;
  /** State of a healthy chain, as the rest of a sentence that begins with the object. */
  readonly expected: string;
  /** State of this chain, in the same form. */
  readonly found: string;
  /** Undefined if nothing has to be done. */
  readonly remedy: Remedy | undefined;
  /** Further lines: conditions of a policy, near misses. */
  readonly details: readonly string[];
}
