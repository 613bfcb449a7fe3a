import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import { redactFacts } from './redact-facts.ts';
import { FORMAT } from './saved-file.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** @throws PodroleError `FILE_EXISTS` before anything is collected for a folder that cannot be written */
export async function refuseExisting(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found) throw existing(folder);
}

/**
 * Writes the facts of chains into a new folder, one file each, and a README.txt that says what they hold.
 * @throws PodroleError `FILE_EXISTS`, `NOT_WRITTEN`
 */
export async function saveFacts(folder: string, chains: readonly ChainFacts[]): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
    for (const [at, facts] of chains.entries()) {
      const content = `${JSON.stringify({ format: FORMAT, facts: redactFacts(facts) }, null, 2)}\n`;
      await writeNewFile(join(folder, fileName(facts, at)), content, FILE_MODE);
    }
    await writeNewFile(join(folder, 'README.txt'), README, FILE_MODE);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') throw existing(folder);
    throw new PodroleError(
      {
        code: 'NOT_WRITTEN',
        object: `--save ${folder}`,
        problem: messageOf(thrown),
        remedy: 'name a new folder in one that you may write to',
      },
      { cause: thrown },
    );
  }
}

function existing(folder: string): PodroleError {
  return new PodroleError({
    code: 'FILE_EXISTS',
    object: `--save ${folder}`,
    problem: 'exists already, and facts of two runs are never mixed',
    remedy: 'name a new folder',
  });
}

/** The number keeps names apart; the rest is for people, and never leads out of the folder. */
function fileName({ subject, container }: ChainFacts, at: number): string {
  const parts = [subject.namespace, subject.name, ...(container === undefined ? [] : [container])];
  const name = parts
    .join('-')
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 100);
  return `${String(at + 1).padStart(3, '0')}-${name}.json`;
}

const README = `What podrole doctor read, to be judged elsewhere:

    podrole doctor --offline THIS_FOLDER

One .json file per chain: one ServiceAccount, or one container, and its role. It holds names,
annotations and selected labels of the ServiceAccount and of one pod; those of its environment
variables that decide about credentials, without values that may be secret; the webhook
configurations that give roles; warnings among the events of the pod; claims of a token; both
documents of the issuer and its certificates; the OIDC provider, the role with its policies, and
the answer of STS.

Removed: the token and its signature, the credentials of STS, private keys, Secrets, and whatever
else looks like a token, a key or a password; "[redacted]" stands in its place. Account numbers,
names, addresses and policies are not removed. Read the files before you send them to somebody
outside your company.
`;
