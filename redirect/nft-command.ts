import { spawnSync } from 'node:child_process';
import { codeOf } from '../lib/errors.ts';
import type { NftFailure } from './nft-fault.ts';

/** Output of nft, or its failure. */
export type NftResult =
  | { readonly ok: true; readonly stdout: string }
  | ({ readonly ok: false } & NftFailure);
/** Runs nft in the network namespace of this process. */
export type RunNft = (args: readonly string[], stdin?: string) => NftResult;

/** nft takes milliseconds. If it hangs, waiting longer does not help. */
const TIMEOUT_MS = 10_000;

/**
 * Returns a function that runs nft.
 * @param path where nft is looked for. nft gets only this variable and LC_ALL=C, for messages that
 *   nft-fault.ts knows
 */
export function nftOn(path: string | undefined): RunNft {
  const env = { LC_ALL: 'C', ...(path === undefined ? {} : { PATH: path }) };
  return (args, stdin = '') => {
    const { status, error, stdout, stderr } = spawnSync('nft', args, {
      env,
      input: stdin,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return status === 0
      ? { ok: true, stdout }
      : { ok: false, systemError: codeOf(error), stderr: stderr ?? '' };
  };
}
