import type { Setting } from './settings.ts';

/**
 * Returns the default as `--help` and docs/settings.md print it; undefined if there is none to print.
 * @param quote marks a default that can be written behind the flag as it is
 */
export function describeDefault(
  { default: value, writtenDefault, shownDefault, required }: Setting<unknown>,
  quote: (literal: string) => string = (literal) => literal,
): string | undefined {
  if (required) return undefined;
  if (shownDefault !== undefined) return shownDefault;
  if (writtenDefault !== undefined) return quote(writtenDefault);
  if (value === undefined || value === '' || value === false) return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : quote(String(value));
}
