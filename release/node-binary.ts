import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import platforms from './node-platforms.json' with { type: 'json' };
import { ReleaseError } from './release-error.ts';
import { runTool } from './run-tool.ts';

/** As in the names of Node's own archives: `linux-x64`. */
export type Platform = keyof typeof platforms;
export const PLATFORMS = Object.keys(platforms) as readonly Platform[];

interface NodeBinary {
  readonly version: string;
  /** Paths of the program and of its licence. */
  readonly program: string;
  readonly licence: string;
}

/** Folder for what takes long to make. */
export function cacheFolder(): string {
  const cache =
    process.env['PODROLE_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'podrole');
  const folder = join(cache, 'release');
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function nodeVersionOf(platform: Platform): string {
  return platforms[platform].version;
}

/**
 * Returns Node for a platform: the binary of Node's project, as the package `node` of npm brings it. npm
 * fetches it once.
 * @throws ReleaseError `RELEASE_NODE` unless it is the one that node-platforms.json names
 */
export function nodeBinary(platform: Platform): NodeBinary {
  const { package: name, version, integrity } = platforms[platform];
  const folder = join(cacheFolder(), `${name}-${version}-${integrity.slice(7, 19).replaceAll('/', '_')}`);
  if (!existsSync(folder)) fetchNode(`${name}@${version}`, integrity, folder);
  const program = join(folder, 'package/bin', platform.startsWith('win-') ? 'node.exe' : 'node');
  const licence = join(folder, 'package/LICENSE');
  // The package for Windows has none; it is the same Node.
  return { version, program, licence: existsSync(licence) ? licence : nodeBinary('linux-x64').licence };
}

function fetchNode(specifier: string, integrity: string, folder: string): void {
  const work = mkdtempSync(`${folder}.`);
  try {
    // npm reads the package.json of its working folder.
    const file = runTool('npm', ['pack', '--silent', '--ignore-scripts', specifier], { cwd: work }).trim();
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, file)))
      .digest('base64')}`;
    if (found !== integrity)
      throw new ReleaseError({
        code: 'RELEASE_NODE',
        object: `npm package ${specifier}`,
        problem: `has the integrity ${found}, and release/node-platforms.json expects ${integrity}`,
        remedy: 'do not release before you know why',
      });
    runTool('tar', ['-xzf', file], { cwd: work });
    rmSync(join(work, file));
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
