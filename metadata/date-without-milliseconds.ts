/** `YYYY-MM-DDTHH:MM:SSZ`, rounded down. boto 2 refuses milliseconds, and rounding up would promise time that a session does not have. */
export function dateWithoutMilliseconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
