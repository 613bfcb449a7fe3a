import { equalInConstantTime } from '../../lib/text/equal-in-constant-time.ts';

/**
 * The values that clients may send as `Authorization`, asked for at each request: a file's content may have changed since, and then the
 * former one counts for a moment more.
 */
export type ExpectedAuthorization = () => readonly string[] | Promise<readonly string[]>;

/**
 * Whether a request's `Authorization` is an expected value, compared in constant time. SDKs send the value of
 * AWS_CONTAINER_AUTHORIZATION_TOKEN, or of its file, as it is; some people write `Bearer ` in front of it and others do not, so that
 * word counts on neither side, nor does white space at the ends (a file ends in a newline). An empty value authorizes nobody.
 */
export function isAuthorized(sent: string | undefined, expected: readonly string[]): boolean {
  const shown = bare(sent ?? '');
  return (
    expected.map(bare).filter((wanted) => equalInConstantTime(shown, wanted) && wanted !== '').length > 0
  );
}

/** What counts of a value. */
export function bare(text: string): string {
  return text.trim().replace(/^bearer(\s+|$)/i, '');
}

/** Whether a client can send it at all: no header carries a line break, and beyond ASCII clients differ in how they write a character. */
export function isSendable(text: string): boolean {
  return /^[ -~]+$/.test(bare(text));
}
