import { describeFault, type Fault } from '../lib/errors.ts';

interface SetupFault extends Omit<Fault, 'code'> {
  readonly code: `E2E_${string}` | 'WAIT_TIMEOUT';
}

/** A failure of the surroundings of a test. Its codes are not those of podrole, which docs/errors.md lists. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly code: SetupFault['code'];

  constructor(fault: SetupFault, options?: ErrorOptions) {
    super(describeFault(fault), options);
    this.code = fault.code;
  }
}
