import { ENV } from '../../lib/contract/sdk.ts';
import { WEB_IDENTITY_TOKEN_LENGTH } from '../../lib/contract/sts.ts';
import { messageOf } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { ExchangeError } from './exchange-error.ts';

/** Way to read the file of a token. */
export interface TokenReading {
  readonly read: (file: string) => Promise<Buffer>;
  /** Advice if it cannot be read. */
  readonly remedy: string;
}

const GIVEN_FILE: TokenReading = {
  read: (file) => readRegularFile(file, MAX_FILE_BYTES.token),
  remedy: `let --token-file or ${ENV.webIdentityTokenFile} name a file that the user of this process may read`,
};

/**
 * Reads the projected token from its file, without white space at its ends: an editor or `echo` leaves a line
 * end, which STS refuses. kubelet replaces the file by renaming, so that a reader gets the old token or the
 * new one, never half of each.
 * @throws ExchangeError `TOKEN_UNREADABLE`, `TOKEN_INVALID`; both are worth a retry: the file may be written
 *   later
 */
export async function readWebIdentityToken(
  file: string,
  { read, remedy }: TokenReading = GIVEN_FILE,
): Promise<string> {
  const object = `token file ${file}`;
  let content: string;
  try {
    content = (await read(file)).toString('utf8');
  } catch (thrown) {
    throw new ExchangeError(
      {
        code: 'TOKEN_UNREADABLE',
        object,
        problem: messageOf(thrown),
        remedy,
      },
      'soon',
      { cause: thrown },
    );
  }
  const token = content.trim();
  const problem = problemOf(token);
  if (problem === undefined) return token;
  throw new ExchangeError(
    { code: 'TOKEN_INVALID', object, problem, remedy: 'write the token there, and nothing else' },
    'soon',
  );
}

const { min, max } = WEB_IDENTITY_TOKEN_LENGTH;

function problemOf(token: string): string | undefined {
  if (token === '') return 'is empty';
  if (token.length < min || token.length > max) {
    return `holds ${token.length} characters, STS takes ${min} to ${max}`;
  }
  return /\s/.test(token) ? 'contains white space' : undefined;
}
