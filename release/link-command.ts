import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../lib/text/shell-word.ts';
import { ReleaseError } from './release-error.ts';

/** Script of each command in dist/. */
const SCRIPTS = {
  podrole: 'podrole.js',
  'kubectl-podrole': 'podrole.js',
  'kubectl_complete-podrole': 'kubectl_complete-podrole.js',
};
/** Line of the commands by which a later run knows that it may overwrite them. */
const MARK = '# Written by make install of podrole.';
const root = fileURLToPath(new URL('..', import.meta.url));
const [verb, prefix = ''] = process.argv.slice(2);

/** @throws ReleaseError `RELEASE_COMMAND` for a command of somebody else */
function expectOurs(file: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8').includes(MARK)) return;
  throw new ReleaseError({
    code: 'RELEASE_COMMAND',
    object: file,
    problem: 'is not from make install',
    remedy: 'remove it, or give another folder with PREFIX=',
  });
}

function launcher(script: string): string {
  const node = shellWord(join(root, 'node_modules/.bin/node'));
  const bundle = shellWord(join(root, 'dist', script));
  return `#!/bin/sh\n${MARK}\nexec ${node} --disable-sigusr1 ${bundle} "$@"\n`;
}

// link-command.ts add|remove PREFIX: writes the commands podrole and kubectl-podrole into PREFIX/bin, or
// removes them. They run the bundle and the Node of this checkout, whatever Node is on the PATH.
try {
  if (prefix === '' || (verb !== 'add' && verb !== 'remove'))
    throw new ReleaseError({
      code: 'RELEASE_SETTING',
      object: 'PREFIX',
      problem: 'is empty',
      remedy: 'give a folder, such as PREFIX=~/.local',
    });
  // The Makefile passes ~ as it was typed.
  const bin = join(resolve(prefix.replace(/^~(?=\/|$)/, process.env['HOME'] ?? '~')), 'bin');
  const files = Object.keys(SCRIPTS).map((name) => join(bin, name));
  for (const file of files) expectOurs(file);
  for (const [name, script] of Object.entries(SCRIPTS)) {
    const file = join(bin, name);
    rmSync(file, { force: true });
    if (verb === 'remove') continue;
    mkdirSync(bin, { recursive: true });
    writeFileSync(file, launcher(script));
    chmodSync(file, 0o755);
  }
  process.stdout.write(`${verb === 'add' ? 'installed' : 'removed'} ${files.join(' and ')}\n`);
  const onPath = (process.env['PATH'] ?? '').split(':').includes(bin);
  if (verb === 'add' && !onPath)
    process.stdout.write(
      `${bin} is not on your PATH; to add it in this shell:\n  export PATH=${shellWord(bin)}:"$PATH"\n`,
    );
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}
