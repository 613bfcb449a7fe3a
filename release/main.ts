import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from './archive.ts';
import { ReleaseError } from './release-error.ts';
import { readSettings } from './settings.ts';
import { runSteps } from './steps.ts';

const SUMS = 'SHA256SUMS';
const say = (line: string) => process.stderr.write(`release: ${line}\n`);

/** Removes the artefacts of an earlier run, and nothing else. */
function emptyFolder(folder: string): void {
  const isOurs = !existsSync(folder) || readdirSync(folder).length === 0 || existsSync(join(folder, SUMS));
  if (!isOurs)
    throw new ReleaseError({
      code: 'RELEASE_OUTPUT',
      object: folder,
      problem: `contains files, and no ${SUMS} of an earlier release`,
      remedy: 'give an empty folder with --output',
    });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // An interrupted run leaves it behind, so that the next run may empty the folder.
  writeFileSync(join(folder, SUMS), '');
}

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
