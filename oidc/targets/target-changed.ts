import { PodroleError } from '../../lib/errors.ts';

/** What a target says where a document is no longer the one that was read. */
export function targetChanged(object: string): PodroleError {
  return new PodroleError({
    code: 'TARGET_CHANGED',
    object,
    problem: 'was changed by somebody else meanwhile',
    remedy: 'run again; let one podrole publish to this place at a time',
  });
}
