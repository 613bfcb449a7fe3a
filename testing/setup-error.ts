import { describeFault, type Fault } from '../lib/errors.ts';

interface SetupFault extends Omit<Fault, 'code'> {
  readonly code: `E2E_${string}` | 'WAIT_TIMEOUT';
}

/** Failure of the surroundings of a test. Its codes are not those of podrole (docs/errors.md). */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly code: SetupFault['code'];

  constructor(fault: SetupFault, options?: ErrorOptions) {
    super(describeFault(fault), options);
    this.code = fault.code;
  }
}
