import { ROTATION_NOTES_PATH } from '../../../lib/contract/podrole.ts';
import { faultCodeOf, PodroleError } from '../../../lib/errors.ts';
import { belowIssuer } from '../../../lib/issuer.ts';
import type { PublicationTarget } from '../../targets/target.ts';
import { parseRotation, renderRotation } from './notes.ts';
import { phaseOf, type RotationState } from './state.ts';

/** Store of a rotation's state, beside the documents of its issuer. */
export interface RotationStore {
  /** @throws PodroleError `ROTATION_NOTES_INVALID`, `TARGET_UNREADABLE` */
  read(): Promise<RotationState | undefined>;
  /**
   * Replaces the state that was read or written last.
   * @throws PodroleError `TARGET_CHANGED` if somebody else changed it in the meantime, `TARGET_UNWRITABLE`
   */
  write(state: RotationState): Promise<void>;
}

export function createRotationStore(target: PublicationTarget, issuer: string): RotationStore {
  const path = new URL(belowIssuer(issuer, ROTATION_NOTES_PATH)).pathname;
  const object = `${target.name} ${path}`;
  let revision: string | undefined;
  const read = async (): Promise<RotationState | undefined> => {
    const stored = await target.read(path);
    revision = stored?.revision;
    return stored && parseRotation(stored.content, issuer, object);
  };
  return {
    read,
    write: async (state) => {
      const content = renderRotation(state);
      try {
        await target.replace(
          path,
          { content, contentType: 'application/json', cacheControl: 'no-store' },
          revision,
        );
      } catch (thrown) {
        if (faultCodeOf(thrown) !== 'TARGET_CHANGED') throw thrown;
        throw movedMeanwhile(object, await read(), thrown);
      }
      const stored = await target.read(path);
      if (stored?.content !== content) throw movedMeanwhile(object, await read(), undefined);
      revision = stored.revision;
    },
  };
}

function movedMeanwhile(object: string, now: RotationState | undefined, cause: unknown): PodroleError {
  const stand = now
    ? `the rotation to ${now.newKid} is now in phase ${phaseOf(now)}`
    : 'there is no rotation now';
  return new PodroleError(
    {
      code: 'TARGET_CHANGED',
      object,
      problem: `was changed by somebody else in the meantime: ${stand}`,
      remedy: 'nothing more was done here; agree on who rotates, run status, then run the step again',
    },
    { cause },
  );
}
