/** Parsers that follow Go's standard library, for flags and annotations of the AWS webhook. */

const TRUE_WORDS = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Parses a string like Go's `strconv.ParseBool`; returns undefined for any other word. */
export function parseGoBool(text: string): boolean | undefined {
  if (TRUE_WORDS.has(text)) return true;
  return FALSE_WORDS.has(text) ? false : undefined;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Units, the longest first. */
const UNITS = Object.entries(MS_PER_UNIT).reverse();

/**
 * Parses a duration like Go's `time.ParseDuration`, with units from hours to milliseconds: `1h`, `1m30s`,
 * `0.5s`, `0`. Returns milliseconds, or undefined for any other string.
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
 * Formats a duration for parseGoDurationMs, in the largest unit that gives a whole number: hours, minutes,
 * seconds or milliseconds.
 */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

/**
 * Parses an integer like Go's `strconv.ParseInt(text, 10, 64)`; returns undefined for any other string.
 * Beyond 2^53 the result is the nearest double.
 */
export function parseGoInt(text: string): number | undefined {
  if (!/^[+-]?0*\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= INT64.min && value <= INT64.max ? Number(value) : undefined;
}
