import { percentDecoded } from '../../text/percent-decoded.ts';

/**
 * Path of credentials. What follows it may be a secret path, or a part of one, however the client wrote it:
 * SECRET_CREDENTIALS_PATH.
 */
const BELOW_CREDENTIALS = /([/\\]credentials)[\s\S]+$/i;
/** Name that is at least as long as the shortest secret in a path. */
const LONG_NAME = /[^/]{22,}/g;
const MAX_LENGTH = 200;

/** Returns the path of a request for a log: without its query, and without what may be a secret. */
export function loggedPath(url: string): string {
  const [path = ''] = percentDecoded(url).split('?', 1);
  return path.replace(BELOW_CREDENTIALS, '$1/…').replace(LONG_NAME, '…').slice(0, MAX_LENGTH);
}
