/**
 * Longest list of container names in an annotation of a pod, in characters: as long as a thousand names of
 * the greatest length. The API server allows 262,144 for all annotations together, but checks that only after
 * admission.
 */
export const CONTAINER_LIST_MAX_LENGTH = 65_536;

/** Parses a comma-separated list that a person wrote: drops white space around names, and empty names. */
export function parseContainerList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

export interface SkipContainers {
  readonly names: readonly string[];
  /** The fault of the list, after "annotation KEY", if it has one. */
  readonly problem?: string;
}

/**
 * Parses `skip-containers` as the AWS webhook does: the first record of a CSV by Go's encoding/csv. Names
 * keep their white space. A string that is not valid CSV skips nothing.
 */
export function parseSkipContainers(text: string): SkipContainers {
  const [record, ...others] = text.split(/\r?\n/).filter((line) => line !== '');
  if (record === undefined) return { names: [] };
  const fields = record.split(',');
  // A quoted name must be quoted as a whole; a quote anywhere else makes the whole record invalid.
  const names = fields.map((field) => /^"([^"]*)"$/.exec(field)?.[1] ?? field);
  if (names.some((name) => name.includes('"')))
    return { names: [], problem: 'skips nothing, because its quotes are not around whole names' };
  if (others.some((line) => line.trim() !== ''))
    return { names, problem: 'has several lines, and only the first one counts' };
  return { names };
}
