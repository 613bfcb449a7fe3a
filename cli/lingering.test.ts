import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-lingering-'));
after(() => rmSync(folder, { recursive: true }));
const pipe = join(folder, 'pipe');
spawnSync('mkfifo', [pipe]);

/** Runs a command that fails, and leaves something behind that would keep the process. */
async function failWith(left: string): Promise<unknown> {
  const program = `
    import { open } from 'node:fs/promises';
    import { main } from './cli/main.ts';
    import { defineCommand } from './cli/command.ts';
    import { PodroleError } from './lib/errors.ts';
    process.argv.splice(1, Infinity, 'podrole', 'fail');
    const command = defineCommand({
      description: 'Fails', examples: [], settings: {},
      run: async () => {
        ${left};
        throw new PodroleError({ code: 'NO_KEYS', object: 'a.json', problem: 'is empty', remedy: 'fill it' });
      },
    });
    await main({ commandGroups: {}, commandTable: [{ name: 'fail', summary: 'fails', group: 'Look and try:', load: async () => command }] });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'ignore',
  });
  return await once(child, 'close');
}

test('a failure ends with its code, whatever would keep the process', async () => {
  assert.deepEqual(await failWith('setInterval(() => undefined, 1_000)'), [EXIT.failed, null]);
});

test('only a file system that does not answer needs a signal', async () => {
  assert.deepEqual(await failWith(`open('${pipe}')`), [null, 'SIGTERM']);
});
