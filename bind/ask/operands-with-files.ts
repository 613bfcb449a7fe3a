import type { Fault } from '../../lib/errors.ts';
import { looksLikeFile } from '../../lib/operands/file-operand.ts';

/**
 * Returns the faults of operands beside `--filename`. A shell makes `-f a.yaml b.yaml` of `-f *.yaml`.
 */
export function operandFaults(operands: readonly string[]): readonly Fault[] {
  return operands.map((operand) =>
    looksLikeFile(operand)
      ? {
          code: 'INVALID_SETTING',
          object: operand,
          problem: 'is a file without -f',
          remedy: `write -f ${operand}, or name the folder`,
        }
      : {
          code: 'INVALID_SETTING',
          object: `the ServiceAccount ${operand}`,
          problem: 'is for one binding, and --filename is for the bindings of a file',
          remedy: 'write it in the file',
        },
  );
}
