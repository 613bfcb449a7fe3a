/**
 * Formats a date as `YYYY-MM-DDTHH:MM:SSZ`, rounded down. boto 2 refuses milliseconds. Rounding up would
 * promise more time than a session has.
 */
export function dateWithoutMilliseconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
