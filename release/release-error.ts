import { describeFault, type Fault } from '../lib/errors.ts';

interface ReleaseFault extends Omit<Fault, 'code'> {
  readonly code: `RELEASE_${string}`;
}

/** Error of `make release` and `make install`. Only maintainers see its codes: docs/release.md lists them. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
  readonly code: ReleaseFault['code'];

  constructor(fault: ReleaseFault, options?: ErrorOptions) {
    super(`${describeFault(fault)} [${fault.code}]`, options);
    this.code = fault.code;
  }
}
