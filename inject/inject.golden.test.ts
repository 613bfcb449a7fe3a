import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCli } from '../testing/processes/cli.ts';

/**
 * A case is a folder: `in.yaml` or `in.json`, what comes out, what is said on stderr (`stderr.txt`, absent
 * where nothing is), and further arguments (`args`). To rewrite what comes out, then look at the difference:
 *
 *     UPDATE_GOLDEN=1 node --test inject/inject.golden.test.ts
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const testdata = join(root, 'inject/testdata');
const inputs = globSync('*/in.{yaml,json}', { cwd: testdata }).sort();

test('there are cases', () => assert.ok(inputs.length >= 25));

for (const input of inputs) {
  const folder = join(testdata, dirname(input));
  test(dirname(input), async () => {
    const own = join(folder, 'args');
    const args = [
      ...['inject', '--service-accounts', join(testdata, 'serviceaccounts.yaml')],
      ...(existsSync(own) ? readFileSync(own, 'utf8').trim().split(' ') : []).map((arg) =>
        arg.includes('/') && arg.endsWith('.json') ? join(root, arg) : arg,
      ),
    ];
    const { exitCode, stdout, stderr } = await runCli([...args, '-f', join(testdata, input)]);
    assert.equal(exitCode, 0, stderr);
    golden(join(folder, basename(input).replace('in.', 'out.')), stdout);
    golden(join(folder, 'stderr.txt'), stderr.replaceAll(`${testdata}/`, ''));

    const again = await runCli([...args, '-f', '-'], { stdin: stdout });
    assert.equal(again.stdout, stdout, 'its own output is given out as it is');
  });
}

function golden(path: string, actual: string): void {
  if (process.env['UPDATE_GOLDEN'] && (actual || existsSync(path))) writeFileSync(path, actual);
  const expected = existsSync(path) ? readFileSync(path, 'utf8') : '';
  assert.equal(actual, expected, relative(root, path));
}
