import { percentDecoded } from './percent-decoded.ts';
import { holdsPieceOf } from './wrapped-secret.ts';

/** Replacement for a secret. */
const REDACTED = '[redacted]';

/** A JWT, or only its beginning if the input was cut. */
const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g;
/** A PEM private key, to its end or to the end of the input. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S])*/g;
/** A value after a word that marks it as a secret. */
const AUTHORIZATION = /\b(bearer|basic)(\s{1,5})(?=[a-z.~+/=_-]{0,100}\d)[\w.~+/=-]{8,}/gi;
const LABELLED =
  /(secret[_-]?access[_-]?key|(?:session|security|web[_-]?identity|access|authorization)[_-]?token|client[_-]?secret|x-\w{3,4}-signature|passw(?:or)?d)(["']?\s{0,5}[=:>]\s{0,5}["']?)[^\s"'<>&,;]{4,}/gi;
/** A signed URL lets in whoever has it: of Azure, of CloudFront. */
const SIGNED_URL = /([?&](?:sig|signature|token)=)[^\s"'<>&]{8,}/gi;
const URL_PASSWORD = /(:\/\/[^\s/:@]{0,100}:)[^\s/]{1,200}@/g;
/** A token in place of a user. A name of a user is shorter. */
const URL_TOKEN = /(:\/\/)[^\s/:@]{16,200}@/g;
/** A secret access key has 40 characters of base64; a session token has hundreds, and may end in padding. */
const BASE64 = /(?<![\w+/=-])(?:[A-Za-z0-9+/]{40}|[\w+/-]{100,}={0,2})(?![\w+/=-])/g;

/**
 * Removes possible secrets from a message of another server before it goes to a log or an answer. Servers
 * repeat parts of a request; an STS was seen to repeat the token. Secrets that are percent-encoded several
 * times are found too.
 * @param known secrets that the message may contain, as they were sent. If a wrapped or cut piece of one is
 *   left, the whole message is replaced.
 */
export function redactSecrets(text: string, known: readonly string[] = []): string {
  const rest = withoutKnown(text, known);
  const decoded = rest.includes('%') ? rest.split(RUNS).map((run) => withoutEncoded(run, known)) : [rest];
  const joined = decoded.join('');
  if (holdsPiece(joined, known)) return REDACTED;
  return withoutShaped(joined);
}

function holdsPiece(text: string, known: readonly string[]): boolean {
  const readings = text.includes('%') ? [text, percentDecoded(text)] : [text];
  return known.some((secret) => readings.some((reading) => holdsPieceOf(reading, secret)));
}

function withoutKnown(text: string, known: readonly string[]): string {
  let rest = text;
  for (const secret of known) if (secret.length >= 4) rest = rest.replaceAll(secret, REDACTED);
  return rest;
}

function withoutShaped(text: string): string {
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(JWT, REDACTED)
    .replace(AUTHORIZATION, `$1$2${REDACTED}`)
    .replace(LABELLED, `$1$2${REDACTED}`)
    .replace(SIGNED_URL, `$1${REDACTED}`)
    .replace(URL_TOKEN, `$1${REDACTED}@`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(BASE64, (found) => (isMixed(found) ? REDACTED : found));
}

/**
 * Returns true if a string contains capital letters, small letters and digits. A path, a name or a
 * hexadecimal fingerprint usually lacks one of them.
 */
function isMixed(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
}

/** Characters that an encoded secret does not contain. */
const RUNS = /([\s"'<>&=]+)/;

function withoutEncoded(run: string, known: readonly string[]): string {
  const text = percentDecoded(run);
  return text !== run && withoutShaped(withoutKnown(text, known)) !== text ? REDACTED : run;
}
