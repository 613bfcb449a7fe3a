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

/**
 * Parses `skip-containers` as the AWS webhook does: the first record of a CSV by Go's encoding/csv. Names
 * keep their white space. A string that is not valid CSV skips nothing.
 */
export function parseSkipContainers(text: string): string[] {
  const record = text.split(/\r?\n/).find((line) => line !== '') ?? '';
  if (record === '') return [];
  const fields = record.split(',');
  // A quoted name must be quoted as a whole; a quote anywhere else makes the whole record invalid.
  const names = fields.map((field) => /^"([^"]*)"$/.exec(field)?.[1] ?? field);
  return names.some((name) => name.includes('"')) ? [] : names;
}
