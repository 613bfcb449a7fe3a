/** Most characters of a value of another server in a finding. */
const MAX_LENGTH = 200;

/** Returns a value of another server as JSON, cut if it is long: a hostile one may have a megabyte. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value.slice(0, MAX_LENGTH + 1) : value;
  const json = JSON.stringify(text) ?? 'undefined';
  return json.length > MAX_LENGTH ? `${json.slice(0, MAX_LENGTH)}…` : json;
}

/** Most names in a list of a finding. */
const MAX_NAMES = 5;

/** Returns names of another server as a list, the first few of many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => quoted(name));
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
