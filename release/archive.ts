import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { runTool } from './run-tool.ts';

/**
 * Writes a tar archive that depends only on names, contents and executable bits: fixed order, time, owner and
 * modes.
 * @param folder the archive contains the files in it
 */
export function writeTar(folder: string, names: readonly string[], file: string, epochSeconds: number): void {
  const order = ['--sort=name', '--format=gnu', `--mtime=@${epochSeconds}`];
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
  runTool(
    'tar',
    ['--create', `--file=${file}`, ...order, ...owner, `--directory=${folder}`, '--', ...names],
    {
      env: { LC_ALL: 'C' },
    },
  );
}

/** The same, compressed. */
export function writeTarGz(
  folder: string,
  names: readonly string[],
  file: string,
  epochSeconds: number,
): void {
  writeTar(folder, names, file, epochSeconds);
  // Without a name and a time in its header.
  writeFileSync(file, gzipSync(readFileSync(file)));
}

/** Returns the hexadecimal SHA-256 of a content. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
