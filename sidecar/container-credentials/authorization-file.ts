import { messageOf, PodroleError } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/read-file.ts';
import { bare, type ExpectedAuthorization } from './authorization.ts';

/**
 * How long the former content of the file still counts after another was seen: a client reads the file, kubelet replaces it, and only
 * then does the request arrive.
 */
const FORMER_MS = 60_000;

/**
 * The content of a file as what clients must send, read at each request; and the content before it, for a minute.
 * @returns throws `UNREADABLE_FILE`, `EMPTY_FILE`: then nobody is authorized, and clients are told why
 * @throws PodroleError the same at the start: a guard that can't work is not left out in silence
 */
export async function authorizationFromFile(
  file: string,
  monotonicMs: () => number,
): Promise<ExpectedAuthorization> {
  let current = await readAuthorization(file);
  let former: { readonly value: string; readonly untilMs: number } | undefined;
  return async () => {
    const read = await readAuthorization(file);
    if (read !== current) {
      former = { value: current, untilMs: monotonicMs() + FORMER_MS };
      current = read;
    }
    return former && monotonicMs() < former.untilMs ? [current, former.value] : [current];
  };
}

async function readAuthorization(file: string): Promise<string> {
  const object = `--authorization-token-file ${file}`;
  let content: Buffer;
  try {
    content = await readRegularFile(file, MAX_FILE_BYTES.token);
  } catch (thrown) {
    const remedy = 'name a file that this process may read';
    throw new PodroleError(
      { code: 'UNREADABLE_FILE', object, problem: messageOf(thrown), remedy },
      { cause: thrown },
    );
  }
  const value = bare(content.toString('utf8'));
  if (value !== '') return value;
  const remedy = 'write what clients must send as Authorization there, or leave the setting out';
  throw new PodroleError({ code: 'EMPTY_FILE', object, problem: 'is empty', remedy });
}
