import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { compareText } from '../../lib/text/compare.ts';
import type { UnservedSince } from './next-key-set.ts';

/**
 * Parses the notes beside a publication: when each still-published key disappeared from the source.
 * @param text undefined if there are none
 * @throws PodroleError `INVALID_NOTES`
 */
export function parseNotes(text: string | undefined, object: string): UnservedSince {
  if (text === undefined) return new Map();
  try {
    const unserved = asObject(asObject(parseJson(text))?.['unservedSince']);
    if (!unserved) throw new Error('has no unservedSince');
    return new Map(
      Object.entries(unserved).map(([kid, value]) => {
        const since = new Date(asText(value) ?? Number.NaN);
        if (Number.isNaN(since.getTime())) throw new Error(`has no time for ${kid}`);
        return [kid, since];
      }),
    );
  } catch (thrown) {
    throw new PodroleError({
      code: 'INVALID_NOTES',
      object,
      problem: `is not a readable document of podrole's notes: ${messageOf(thrown)}`,
      remedy: 'remove it; keys that the source no longer has are then kept for one more token lifetime',
    });
  }
}

/** Renders the notes for the target, in the order of the kids. */
export function renderNotes(unservedSince: UnservedSince): string {
  const entries = [...unservedSince].map(([kid, since]) => [kid, since.toISOString()] as const);
  entries.sort(([one], [other]) => compareText(one, other));
  return `${JSON.stringify({ unservedSince: Object.fromEntries(entries) }, null, 2)}\n`;
}
