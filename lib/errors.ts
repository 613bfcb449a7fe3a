import type { FaultCode } from './errors/code.ts';
import { systemWords } from './system-words.ts';
import { printable } from './text/printable.ts';
import { redactSecrets } from './text/redact.ts';

/** Everything that a user needs to know about one fault. */
export interface Fault {
  /** Stable: scripts and tests match it, while the wording may change. docs/errors.md explains each. */
  readonly code: FaultCode;
  /** Name of the faulty thing as its user knows it: `ServiceAccount shop/web`, `--port`. */
  readonly object: string;
  /** The fault, as the rest of a sentence that begins with the object: `is not a URL`. */
  readonly problem: string;
  /** Advice to the user, in the imperative: `give a URL`. */
  readonly remedy: string;
}

/** A fault as one sentence for a person: object, problem, remedy. */
export function describeFault({ object, problem, remedy }: Omit<Fault, 'code'>): string {
  return `${object}: ${problem}; ${remedy}`;
}

/** A fault as the command line prints it: `--port: is "http", must be …; see --help [INVALID_SETTING]`. */
export function describeFaultWithCode(fault: Fault): string {
  return `${describeFault(fault)} [${fault.code}]`;
}

/**
 * The error of podrole. It carries every fault that was found, so that all can be fixed at once.
 * A fault often quotes a server or a tenant. Servers repeat what they were sent: anything that looks like a
 * token or a key is removed here, in one place. So are characters that a terminal would obey.
 */
export class PodroleError extends Error {
  override readonly name = 'PodroleError';
  readonly faults: readonly Fault[];

  constructor(faults: Fault | readonly Fault[], options?: ErrorOptions) {
    const all = ('code' in faults ? [faults] : faults).map(safeToPrint);
    super(all.map(describeFault).join('\n'), options);
    this.faults = all;
  }

  /** Code of the first fault. */
  get code(): FaultCode {
    return this.faults[0]?.code ?? 'UNEXPECTED';
  }
}

function safeToPrint(fault: Fault): Fault {
  const safe = (text: string) => printable(redactSecrets(text));
  return {
    ...fault,
    object: safe(fault.object),
    problem: safe(fault.problem),
    remedy: printable(fault.remedy),
  };
}

/** @throws PodroleError with the faults, if there are any */
export function throwIfAny(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new PodroleError(faults);
}

/**
 * Returns the result of an action. If the action throws a PodroleError, its faults are added to the list and
 * the result is undefined: the caller goes on to find the other faults. Any other error is thrown.
 */
export function collectFaults<T>(faults: Fault[], action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    // A hostile file can have more faults than a call can have arguments.
    for (const fault of thrown.faults) faults.push(fault);
    return undefined;
  }
}

/** Message of a thrown value of any kind, for a person: an error of the system in words. */
export function messageOf(thrown: unknown): string {
  return systemWords(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}

/**
 * Returns the messages of an error, on one line. A connection to a name with several addresses fails with one
 * error for each address, and without a message of its own.
 */
export function messagesOf(thrown: unknown): string {
  return (thrown instanceof AggregateError ? thrown.errors : [thrown]).map(messageOf).join(', ');
}

/** Code of a PodroleError, else undefined. The compiler sees a typo in a comparison with it. */
export function faultCodeOf(thrown: unknown): FaultCode | undefined {
  return thrown instanceof PodroleError ? thrown.code : undefined;
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`) or of a PodroleError, else undefined. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
