import { PodroleError } from '../../lib/errors.ts';

/** The error for a document that is no longer the one that was read. */
export function targetChanged(object: string): PodroleError {
  return new PodroleError({
    code: 'TARGET_CHANGED',
    object,
    problem: 'was changed by somebody else in the meantime',
    remedy: 'run again; let only one podrole at a time publish to this place',
  });
}
