/** Writes an ISO 8601 time to the minute: `2026-11-29 21:56 UTC`. Anything else stays as it is. */
export function writeDate(iso: string): string {
  const [, day, minute] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(iso) ?? [];
  return day === undefined ? iso : `${day} ${minute} UTC`;
}
