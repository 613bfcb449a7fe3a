import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTarGz } from './archive.ts';
import { nodeBinary, type Platform } from './node-binary.ts';
import { copyBundle } from './npm-package.ts';
import type { ReleaseSettings } from './settings.ts';

/** Name of the archive of a platform. */
export function archiveName(version: string, platform: Platform): string {
  return `podrole-${version}-${platform}.tar.gz`;
}

/** A link to it may be anywhere: krew makes one, and people do. */
const LAUNCHER = `#!/bin/sh
# Starts podrole with the Node beside this file.
file=$0
while [ -L "$file" ]; do
  target=$(readlink -- "$file")
  case $target in
    /*) file=$target ;;
    *) file=$(dirname -- "$file")/$target ;;
  esac
done
# CDPATH would lead a relative name elsewhere.
folder=$(CDPATH='' cd -- "$(dirname -- "$file")" && pwd -P)
exec "$folder/node" --disable-sigusr1 "$folder/lib/podrole.js" "$@"
`;
const WINDOWS_LAUNCHER = '@"%~dp0node.exe" "%~dp0lib\\podrole.js" %*\r\n';

/**
 * Writes an archive with podrole and the Node that it needs: one folder `podrole`, with the launchers
 * `podrole`, `kubectl-podrole` and `kubectl_complete-podrole`, for people without Node and for krew.
 */
export function packStandalone(
  { root, output, version, epochSeconds }: ReleaseSettings,
  work: string,
  platform: Platform,
): void {
  const parent = join(work, platform);
  const folder = join(parent, 'podrole');
  mkdirSync(folder, { recursive: true });
  copyBundle(root, folder, 'lib');
  writeFileSync(join(folder, 'lib/package.json'), `${JSON.stringify({ type: 'module' })}\n`);
  const { program, licence } = nodeBinary(platform);
  const isWindows = platform.startsWith('win-');
  const node = join(folder, isWindows ? 'node.exe' : 'node');
  cpSync(program, node);
  chmodSync(node, 0o755);
  cpSync(licence, join(folder, 'LICENSE-node'));
  for (const name of ['podrole', 'kubectl-podrole', 'kubectl_complete-podrole']) {
    const file = join(folder, isWindows ? `${name}.cmd` : name);
    const script = name.startsWith('kubectl_complete') ? `${name}.js` : 'podrole.js';
    const launcher = (isWindows ? WINDOWS_LAUNCHER : LAUNCHER).replace('podrole.js', script);
    writeFileSync(file, launcher, { mode: 0o755 });
  }
  writeTarGz(parent, ['podrole'], join(output, archiveName(version, platform)), epochSeconds);
}
