import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { findBinary } from '../../cluster/find-binary.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';

/** Name that e2e/run gives to the image of the release. */
export const IMAGE = 'registry.example.com/podrole';
export const { version: VERSION } = packageJson;

/** Returns the path of an artefact that e2e/run has built. */
export function artefact(name: string): string {
  return path.join(process.env['PODROLE_E2E_RELEASE'] ?? '', name);
}

/** Unpacks an archive into a new folder. */
export async function unpack(archive: string): Promise<{ folder: string; remove: () => void }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'podrole-artefact-'));
  await succeed(`unpack ${archive}`, runCommand('tar', ['-xf', archive, '-C', folder]));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Fills a folder with kubectl, and of the machine's programs only what a launcher needs: no Node. */
export async function pathWithoutNode(folder: string): Promise<void> {
  symlinkSync(findBinary('kubectl', process.env['PODROLE_E2E_BINARIES']), path.join(folder, 'kubectl'));
  for (const program of ['sh', 'dirname', 'readlink'])
    symlinkSync((await succeed(program, runCommand('which', [program]))).trim(), path.join(folder, program));
}
