import { messageOf, PodroleError } from '../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../lib/files/read-file.ts';
import {
  bare,
  type ExpectedAuthorization,
  isSendable,
} from '../metadata/container-credentials/authorization.ts';

/**
 * Time for which the previous content of the file is accepted after new content was seen: kubelet may replace
 * the file after a client has read it and before its request arrives.
 */
const FORMER_MS = 60_000;

/**
 * Expects the content of a file, read at each request, and for a minute its previous content.
 * @returns a function that throws `UNREADABLE_FILE`, `EMPTY_FILE` or `UNUSABLE_TOKEN`: then nobody is
 *   authorized, and clients read why
 * @throws PodroleError the same at the start, so that the guard is not silently left out
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
  if (isSendable(value)) return value;
  const remedy = 'write what clients must send as Authorization into it, or leave the setting out';
  if (value === '') throw new PodroleError({ code: 'EMPTY_FILE', object, problem: 'is empty', remedy });
  const problem = 'must hold one line of printable ASCII, since no client can send anything else';
  throw new PodroleError({ code: 'UNUSABLE_TOKEN', object, problem, remedy });
}
