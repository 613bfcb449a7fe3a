/** Values as Go's standard library parses them, for flags and annotations of the AWS webhook. */

const TRUE_WORDS = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Go's `strconv.ParseBool`: undefined for any other word. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE_WORDS.has(text)) return true;
  return FALSE_WORDS.has(text) ? false : undefined;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Longest unit first. */
const UNITS = Object.entries(MS_PER_UNIT).reverse();

/**
 * Go's `time.ParseDuration` for hours to milliseconds (`1h`, `1m30s`, `0.5s`, `0`), in milliseconds;
 * undefined for any other string.
 */
export function parseGoDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/gy)) {
    totalMs += Number(amount) * (MS_PER_UNIT[unit ?? ''] ?? Number.NaN);
  }
  return totalMs;
}

/**
 * Returns the shortest form that parseGoDurationMs reads back: whole hours, minutes or seconds, else
 * milliseconds.
 */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

/** Go's `strconv.ParseInt(text, 10, 64)`: undefined for any other string. Beyond 2^53 the nearest double. */
export function parseGoInt(text: string): number | undefined {
  if (!/^[+-]?0*\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= INT64.min && value <= INT64.max ? Number(value) : undefined;
}
