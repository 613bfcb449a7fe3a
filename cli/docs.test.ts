import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Commands that CI itself runs, or that run this test. */
const RUN_BY_CI = new Set(['make', 'make test', 'make build', 'make e2e']);
/** Pages call the tool `podrole`, as on a reader's PATH: here that is this checkout. */
const PODROLE = `shopt -s expand_aliases; alias podrole='"${process.execPath}" "${root}cli/podrole.js"'`;

for (const page of ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root })]) {
  const markdown = readFileSync(`${root}${page}`, 'utf8');
  for (const [, block = ''] of markdown.matchAll(/^```sh\n(.*?)^```$/gms)) {
    const commands = block.trim();
    if (RUN_BY_CI.has(commands)) continue;
    test(`${page}: ${commands}`, () => {
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['-euo', 'pipefail', '-c', `${PODROLE}\n${commands}`],
        {
          cwd: root,
          encoding: 'utf8',
        },
      );
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  }

  test(`${page}: every link leads to an existing file`, () => {
    for (const [, target = ''] of markdown.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const file = new URL(target, `file://${root}${page}`);
      assert.doesNotThrow(() => readFileSync(file), `${page} links to ${target}`);
    }
  });
}
