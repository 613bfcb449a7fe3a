import { createHash, timingSafeEqual } from 'node:crypto';

/** The value that clients must send as `Authorization`, asked for at each request: a file's content may have changed since. */
export type ExpectedAuthorization = () => string | Promise<string>;

/**
 * Whether a request's `Authorization` is the expected value, compared in constant time. SDKs send the value of
 * AWS_CONTAINER_AUTHORIZATION_TOKEN, or of its file, as it is; some people write `Bearer ` in front of it and others do not, so that
 * word counts on neither side, nor does white space at the ends (a file ends in a newline). An empty value authorizes nobody.
 */
export function isAuthorized(sent: string | undefined, expected: string): boolean {
  const wanted = bare(expected);
  return timingSafeEqual(hash(bare(sent ?? '')), hash(wanted)) && wanted !== '';
}

function bare(text: string): string {
  return text.trim().replace(/^bearer\s+/i, '');
}

/** Equal lengths, whatever was sent. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
