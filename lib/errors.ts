import { redactSecrets } from './text/redact.ts';

/** What every fault that podrole reports is made of. */
export interface Fault {
  /** Stable, in capitals: `INVALID_ROLE_ARN`. Scripts and tests match it; the wording may change. */
  readonly code: string;
  /** What the fault is about, as its user would name it: `ServiceAccount shop/web`, `--port`, `STS config providers[0].url`. */
  readonly object: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A fault as one sentence for a person: object, problem, remedy. */
export function describeFault({ object, problem, remedy }: Fault): string {
  return `${object}: ${problem}; ${remedy}`;
}

/**
 * The error of podrole: carries every fault that was found, so that all can be fixed at once. A fault often quotes a
 * server, and servers repeat what they were sent: what looks like a token or a key is removed here, in one place.
 */
export class PodroleError extends Error {
  override readonly name = 'PodroleError';
  readonly faults: readonly Fault[];

  constructor(faults: Fault | readonly Fault[], options?: ErrorOptions) {
    const all = ('code' in faults ? [faults] : faults).map(withoutSecrets);
    super(all.map(describeFault).join('\n'), options);
    this.faults = all;
  }

  /** Code of the first fault. */
  get code(): string {
    return this.faults[0]?.code ?? 'UNKNOWN';
  }
}

function withoutSecrets(fault: Fault): Fault {
  return { ...fault, object: redactSecrets(fault.object), problem: redactSecrets(fault.problem) };
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`) or of one of ours; undefined where it has none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
