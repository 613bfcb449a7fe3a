import type { Fault } from '../lib/errors.ts';

/** Step of a check, in the order in which they are done. */
export interface Step {
  readonly name: string;
  /** `skipped`: an earlier step failed, or there is nothing to do. */
  readonly state: 'ok' | 'failed' | 'skipped';
  /** Time that it took, in whole milliseconds. */
  readonly ms?: number;
  /** Result in a few words. */
  readonly detail?: string;
}

/** Caller as STS names it. */
export interface CallerIdentity {
  readonly arn: string;
  readonly account: string;
  /** Name of the assumed role, without its path; undefined for a user. */
  readonly role?: string;
  readonly sessionName?: string;
}

/** Result of `podrole whoami`. It holds no credential. */
export interface WhoamiReport {
  readonly steps: readonly Step[];
  readonly identity?: CallerIdentity;
  /** Origin of the credentials, in words. */
  readonly source?: string;
  /** End of the session, if its source says so: RFC 3339. */
  readonly expiration?: string;
  readonly notes: readonly string[];
  readonly faults: readonly Fault[];
}
