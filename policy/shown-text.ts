import { printable } from '../lib/text/printable.ts';
import { redactSecrets } from '../lib/text/redact.ts';
import { ROLE_MAX_LENGTH } from './rule-limits.ts';

/** Most characters of a value that a refusal repeats. */
const SHOWN = 100;

/** Returns a string of a tenant as a refusal repeats it: without secrets, shortened, safe to print. */
export function shownText(value: string): string {
  // Redacted first: a part of a secret is not recognized as one.
  const redacted = redactSecrets(value.slice(0, ROLE_MAX_LENGTH));
  return printable(redacted.length > SHOWN ? `${redacted.slice(0, SHOWN - 1)}…` : redacted);
}
