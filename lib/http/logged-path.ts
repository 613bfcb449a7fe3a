import { percentDecoded } from '../text/percent-decoded.ts';

/** What follows is, or is part of, a secret path, however the client spelt it: SECRET_CREDENTIALS_PATH. */
const BELOW_CREDENTIALS = /([/\\]credentials)[\s\S]+$/i;
/** As short as the shortest secret that a path may hold. */
const LONG_NAME = /[^/]{22,}/g;
const MAX_LENGTH = 200;

/** The path of a request for a log: without its query, and without what may be a secret. */
export function loggedPath(url: string): string {
  const [path = ''] = percentDecoded(url).split('?', 1);
  return path.replace(BELOW_CREDENTIALS, '$1/…').replace(LONG_NAME, '…').slice(0, MAX_LENGTH);
}
