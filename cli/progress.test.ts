import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { showProgress } from './progress.ts';

test('work is reported after two seconds, then every ten seconds, until it ends', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stderr = new PassThrough();
  const said = () => String(stderr.read() ?? '');
  const end = showProgress('reading', stderr);
  t.mock.timers.tick(1_999);
  assert.equal(said(), '');
  t.mock.timers.tick(1);
  assert.equal(said(), 'reading (2 s)\n');
  t.mock.timers.tick(10_000);
  assert.equal(said(), 'reading (12 s)\n');
  end();
  t.mock.timers.tick(60_000);
  assert.equal(said(), '');
});
