import { equalInConstantTime } from '../../lib/text/equal-in-constant-time.ts';

/**
 * Returns the values that clients may send as `Authorization`. It is called at each request, since the
 * content of a file may have changed; the former content still counts for a moment then.
 */
export type ExpectedAuthorization = () => readonly string[] | Promise<readonly string[]>;

/**
 * Compares the `Authorization` of a request with the expected values, in constant time. SDKs send the value
 * of AWS_CONTAINER_AUTHORIZATION_TOKEN, or of its file, unchanged. Some people write `Bearer ` in front of it
 * and others do not, so the prefix and surrounding white space (a file ends in a newline) are ignored on both
 * sides. An empty value authorizes nobody.
 */
export function isAuthorized(sent: string | undefined, expected: readonly string[]): boolean {
  const shown = bare(sent ?? '');
  return (
    expected.map(bare).filter((wanted) => equalInConstantTime(shown, wanted) && wanted !== '').length > 0
  );
}

/** Removes the ignored parts of a value. */
export function bare(text: string): string {
  return text.trim().replace(/^bearer(\s+|$)/i, '');
}

/**
 * True if a client can send the value: a header cannot contain a line break, and clients encode characters
 * beyond ASCII differently.
 */
export function isSendable(text: string): boolean {
  return /^[ -~]+$/.test(bare(text));
}
