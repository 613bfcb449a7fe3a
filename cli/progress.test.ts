import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { NO_SIGNALS, PLAIN } from '../testing/processes/no-signals.ts';
import { defineCommand } from './command.ts';
import { showProgress } from './progress.ts';

test('work is reported after two seconds, then every ten seconds, until it ends', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stderr = new PassThrough();
  const said = () => String(stderr.read() ?? '');
  const { show, end } = showProgress('reading', stderr);
  t.mock.timers.tick(1_999);
  assert.equal(said(), '');
  t.mock.timers.tick(1);
  assert.equal(said(), 'reading (2 s)\n');
  show('reading roles', 120, 200);
  t.mock.timers.tick(10_000);
  assert.equal(said(), 'reading roles 120/200 (12 s)\n');
  show('reading ServiceAccounts', 500);
  t.mock.timers.tick(10_000);
  assert.equal(said(), 'reading ServiceAccounts 500 (22 s)\n');
  end();
  t.mock.timers.tick(60_000);
  assert.equal(said(), '');
});

test('on a terminal one line is overwritten, fits the columns, and is removed at the end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 20 });
  const said = () => String(stderr.read() ?? '');
  const { show, clear, end } = showProgress('reading', stderr);
  t.mock.timers.tick(2_000);
  assert.equal(said(), '\x1b[2Kreading (2 s)\r');
  clear();
  assert.equal(said(), '\x1b[2K\r');
  clear();
  assert.equal(said(), '');
  show('reading roles', 120, 200);
  t.mock.timers.tick(250);
  assert.equal(said(), '\x1b[2Kreading roles 120/2\r');
  end();
  assert.equal(said(), '\x1b[2K\r');
});

for (const [output, isReported] of [
  ['text', true],
  ['json', false],
  ['yaml', false],
] as const) {
  test(`progress is ${isReported ? '' : 'not '}reported with the output ${output}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const stderr = new PassThrough();
    const command = defineCommand({
      description: 'Takes its time',
      examples: [],
      settings: { output: { help: 'format', default: 'text', value: '<format>', parse: String } },
      progress: () => 'working',
      run: async (_, { progress }) => {
        progress.show('counting', 1, 2);
        t.mock.timers.tick(2_000);
        return 'done';
      },
    });
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    await command.start({ output }, { stdin, stdout, stderr, env: {}, ...NO_SIGNALS, isColored: PLAIN }, []);
    assert.equal(String(stderr.read() ?? ''), isReported ? 'counting 1/2 (2 s)\n' : '');
  });
}

test('a terminal that does not know its width gets the whole line', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const { end } = showProgress('reading', stderr);
  t.mock.timers.tick(2_000);
  assert.equal(String(stderr.read()), '\x1b[2Kreading (2 s)\r');
  end();
});
