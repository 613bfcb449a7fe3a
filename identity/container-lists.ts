/**
 * Most characters of a list of container names in an annotation of a pod: as many as a thousand names of the greatest length have. The API
 * server allows 262,144 for all annotations, and looks at that only after admission.
 */
export const CONTAINER_LIST_MAX_LENGTH = 65_536;

/** Names of a comma list as a person writes it: white space around them and empty ones are dropped. */
export function parseContainerList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/**
 * Names of `skip-containers` as the AWS webhook reads them: the first record of a CSV text by Go's encoding/csv,
 * names exact with their white space; a text that is no CSV skips nothing.
 */
export function parseSkipContainers(text: string): string[] {
  const record = text.split(/\r?\n/).find((line) => line !== '') ?? '';
  if (record === '') return [];
  const fields = record.split(',');
  // A quoted name may stand whole in its quotes; a quote anywhere else is an error of the whole record.
  const names = fields.map((field) => /^"([^"]*)"$/.exec(field)?.[1] ?? field);
  return names.some((name) => name.includes('"')) ? [] : names;
}
