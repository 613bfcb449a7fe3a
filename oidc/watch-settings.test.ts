import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings.ts';
import { assertFaults } from '../testing/faults.ts';
import { checkWatchSettings, watchSettings } from './watch-settings.ts';

const settings = (given: Record<string, string>) => readSettings(watchSettings, given, {});

test('the Lease is in the namespace that is given, else in that of the pod', () => {
  assert.equal(checkWatchSettings(settings({ leaseNamespace: 'given' }), 'pod'), 'given');
  assert.equal(checkWatchSettings(settings({}), 'pod'), 'pod');
  assert.equal(checkWatchSettings(settings({ leaderElect: 'false' }), undefined), undefined);
  assert.equal(checkWatchSettings(settings({ leaderElect: 'false' }), 'pod'), undefined);
});

test('every fault is told at once', () => {
  assertFaults(
    () => checkWatchSettings(settings({ interval: '10ms', leaseDuration: '1h' }), undefined),
    [
      /--interval: is 0.01s, must be from 1s to 3600s/,
      /--lease-duration: is 3600s, must be from 3s to 600s/,
      /--lease-namespace: is not set, .*--leader-elect=false/,
    ],
  );
});
