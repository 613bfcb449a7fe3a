import { randomUUID } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Env, Output, Random, SignalHandling } from '../../lib/surroundings.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import { printable } from '../../lib/text/printable.ts';
import { readIssuerEndpoint } from '../verify/issuer-endpoint.ts';
import { openTokenFolder } from './folder/token-folder.ts';
import { type MintedToken, mintToken } from './mint-token.ts';
import { doubtOfPublication, type PublicationDoubt } from './published-key.ts';
import type { FileAccess } from './secret-file.ts';
import { checkTokenSettings, type TokenSettings } from './settings.ts';
import { readSigningKey, warningOfMode } from './signing-key.ts';
import { watchToken } from './watch-token.ts';
import { writeTokenFile } from './write-token-file.ts';

export interface TokenSurroundings
  extends Output,
    Pick<SignalHandling, 'signal' | 'deferSignals' | 'serveUntilSignal'> {
  readonly env: Env;
  readonly clock: Clock;
  readonly random: Random;
  /** For --watch. */
  readonly logger: Logger;
}

/**
 * Runs `podrole token`: prints a token, writes it once, or keeps it fresh until the signal.
 * @throws PodroleError with the faults of settings, key, issuer or file; nothing was written then
 */
export async function runToken(settings: TokenSettings, surroundings: TokenSurroundings): Promise<void> {
  checkTokenSettings(settings);
  const { signingKey, file, watch } = settings;
  const { stdout, stderr, clock, logger, deferSignals, serveUntilSignal } = surroundings;
  await readSigningKey(signingKey);
  const warning = await warningOfMode(signingKey);
  if (warning !== undefined) warn(watch === undefined ? { stderr } : { logger }, warning);
  const mint = tokenMint(settings, surroundings.env);
  if (watch !== undefined) {
    await serveUntilSignal(() => keepFresh(watch, settings, surroundings, mint));
    return;
  }
  const minted = await mint(clock.now(), (doubt) => {
    throw new PodroleError(doubt.fault);
  });
  if (file === undefined) {
    stdout.write(`${minted.token}\n`);
    return;
  }
  await deferSignals(() => writing(file, () => writeTokenFile(file, minted.token, accessOf(settings))));
  stdout.write(
    `${printable(file)}: token of ${settings.subject}, valid until ${dateWithoutMilliseconds(minted.expiresAt)}\n`,
  );
}

type Mint = (now: Date, onDoubt: (doubt: PublicationDoubt) => void) => Promise<MintedToken>;

/** Reads the key again for each token, so that a rotation needs no restart. */
function tokenMint(settings: TokenSettings, env: Env): Mint {
  const { signingKey, issuer, subject, audience, lifetime: lifetimeMs } = settings;
  const endpoint = { ...readIssuerEndpoint(settings, env), issuer };
  return async (now, onDoubt) => {
    const signer = await readSigningKey(signingKey);
    const doubt = settings.verify ? await doubtOfPublication(endpoint, signer) : undefined;
    if (doubt) onDoubt(doubt);
    return mintToken(signer, { issuer, subject, audience, lifetimeMs }, now, randomUUID());
  };
}

async function keepFresh(
  file: string,
  settings: TokenSettings,
  { clock, random, logger, signal }: TokenSurroundings,
  mint: Mint,
): Promise<void> {
  const { issuer, subject, audience, lifetime: lifetimeMs } = settings;
  const onLeft = (thrown: unknown) => logger.warn({ err: thrown }, 'old token not removed');
  const folder = await writing(file, () => openTokenFolder(file, accessOf(settings), onLeft));
  const onDoubt = ({ isCertain, fault }: PublicationDoubt) => {
    if (isCertain) throw new PodroleError(fault);
    logger.warn({ err: new PodroleError(fault) }, 'key of the token not verified');
  };
  const renew = async (now: Date) => {
    const minted = await mint(now, onDoubt);
    await writing(file, () => folder.replace(minted.token, now));
    return minted;
  };
  logger.info({ file, issuer, subject, audience }, 'keeping a token fresh');
  await watchToken({ renew, lifetimeMs, clock, random, logger }, signal);
}

const MODE = { owner: 0o600, group: 0o640 } as const;

function accessOf({ tokenMode, tokenGroup: groupId }: TokenSettings): FileAccess {
  return { mode: tokenMode ?? (groupId === undefined ? MODE.owner : MODE.group), groupId };
}

async function writing<Result>(file: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (thrown) {
    if (thrown instanceof PodroleError) throw thrown;
    const [problem, remedy] = [messageOf(thrown), remedyOf(codeOf(thrown))];
    throw new PodroleError({ code: 'NOT_WRITTEN', object: file, problem, remedy }, { cause: thrown });
  }
}

function remedyOf(code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'name a file in a folder that exists';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room there';
  if (code === 'EPERM') return 'let this process give files to the group of --token-group, or leave it out';
  return 'let this process write there';
}

function warn({ stderr, logger }: Partial<Pick<TokenSurroundings, 'stderr' | 'logger'>>, line: string): void {
  if (logger) logger.warn(line);
  else stderr?.write(`warning: ${printable(line)}\n`);
}
