import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { Verbatim } from '../yaml-edit/verbatim.ts';
import { EACH, type TemplatePath } from './template-path.ts';

export interface Reached {
  readonly at: JsonObject;
  /** Members and indices that lead there. */
  readonly path: readonly (string | number)[];
}

export interface Malformed {
  /** The value's place, as members and indices. */
  readonly path: readonly (string | number)[];
  /** Completes "must be ...". */
  readonly expected: string;
}

/** More templates than an object has; aliases could make of a short file any number. */
const TEMPLATES_MAX = 10_000;

/**
 * Returns the mappings at a path. What is absent or null leads nowhere.
 * @param origin name of the object in errors
 * @throws PodroleError `INVALID_MANIFEST` if there are too many
 */
export function objectsAt(
  root: JsonObject,
  path: TemplatePath,
  origin: string,
): { readonly reached: readonly Reached[]; readonly malformed: readonly Malformed[] } {
  const malformed: Malformed[] = [];
  let reached: Reached[] = [{ at: root, path: [] }];
  for (const [level, step] of path.entries()) {
    // Behind `*` there may be items or members.
    const isEachNext = path[level + 1] === EACH;
    const next: Reached[] = [];
    for (const from of reached) {
      for (const [key, value] of step === EACH ? entriesOf(from.at) : [[step, from.at[step]] as const]) {
        const to = [...from.path, key];
        const at = isEachNext ? collectionOf(value) : mappingOf(value);
        if (at) next.push({ at, path: to });
        else if (value !== undefined && value !== null) {
          malformed.push({ path: to, expected: isEachNext ? 'a list or a mapping' : 'a mapping' });
        }
        if (next.length > TEMPLATES_MAX) throw tooMany(origin);
      }
    }
    reached = next;
  }
  return { reached, malformed };
}

/** Returns a mapping. A scalar that is kept as it was written is an object, but not one of the manifest. */
export function mappingOf(value: unknown): JsonObject | undefined {
  return value instanceof Verbatim ? undefined : asObject(value);
}

/** A list is read by its indices. */
function collectionOf(value: unknown): JsonObject | undefined {
  return Array.isArray(value) ? (value as unknown as JsonObject) : mappingOf(value);
}

function entriesOf(collection: JsonObject): Iterable<readonly [string | number, unknown]> {
  return asArray(collection)?.entries() ?? Object.entries(collection);
}

function tooMany(object: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_MANIFEST',
    object,
    problem: `contains more than ${TEMPLATES_MAX} pod templates`,
    remedy: 'check that no alias repeats a list of them',
  });
}
