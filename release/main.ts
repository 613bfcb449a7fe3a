import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from './archive.ts';
import { emptyFolder, SUMS } from './output-folder.ts';
import { ReleaseError } from './release-error.ts';
import { readSettings } from './settings.ts';
import { runSteps } from './steps.ts';

/** Builds what is released into release/out, and prints the folder. docs/release.md has the settings. */
const say = (line: string) => process.stderr.write(`release: ${line}\n`);

function writeSums(folder: string): void {
  const names = readdirSync(folder).filter((name) => name !== SUMS);
  const lines = names.sort().map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
}

// Builds what is released into release/out, and prints the folder. docs/release.md has the settings.
try {
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
  const settings = readSettings(root, process.argv.slice(2), process.env);
  emptyFolder(settings.output);
  const work = mkdtempSync(join(tmpdir(), 'podrole-release-'));
  try {
    runSteps(settings, work, say);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  writeSums(settings.output);
  process.stdout.write(`${settings.output}\n`);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  say(error.message);
  process.exitCode = 3;
}
