import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../cluster/run-command.ts';

const PAGE = fileURLToPath(new URL('../../../dist/man/podrole.1', import.meta.url));
const READERS = { mandoc: ['-Tlint', '-W', 'warning'], groff: ['-man', '-ww', '-z'] };

for (const [reader, flags] of Object.entries(READERS)) {
  test(`${reader} reads the man page without a warning`, async () => {
    const { stdout, stderr } = await runCommand(reader, [...flags, PAGE]);
    const warnings = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    // The page has no date, so that a build is reproducible.
    assert.deepEqual(
      warnings.filter((line) => !line.includes('missing date')),
      [],
    );
  });
}
