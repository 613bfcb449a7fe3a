/** A moment as messages and notes write it: ISO 8601 with milliseconds, in UTC. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
