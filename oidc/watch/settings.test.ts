import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { leaseNamespace, watchFaults, watchSettings } from './settings.ts';

const settings = (given: Record<string, string>) => readSettings(watchSettings, given, {});

test("the Lease is in the given namespace, otherwise in the pod's", () => {
  assert.equal(leaseNamespace(settings({ leaseNamespace: 'given' }), 'pod'), 'given');
  assert.equal(leaseNamespace(settings({}), 'pod'), 'pod');
  assert.equal(leaseNamespace(settings({ leaderElect: 'false' }), 'pod'), undefined);
  assert.throws(() => leaseNamespace(settings({}), undefined), {
    code: 'MISSING_SETTING',
    message: /--lease-namespace: is not set, .*--leader-elect=false/,
  });
});

const times: readonly (readonly [Record<string, string>, readonly string[]])[] = [
  [{}, []],
  [{ interval: '1s', leaseDuration: '3s' }, []],
  [{ interval: '1h', leaseDuration: '10m' }, []],
  [
    { interval: '10ms', leaseDuration: '11m' },
    ['is 0.01s, must be from 1s to 3600s', 'is 660s, must be from 3s to 600s'],
  ],
  [
    { interval: '61m', leaseDuration: '0' },
    ['is 3660s, must be from 1s to 3600s', 'is 0s, must be from 3s to 600s'],
  ],
];
for (const [given, expected] of times) {
  test(`times ${JSON.stringify(given)}: ${expected.length} faults`, () => {
    assert.deepEqual(
      watchFaults(settings(given)).map(({ problem }) => problem),
      expected,
    );
  });
}
