import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from './errors.ts';
import {
  choice,
  durationMs,
  list,
  optionalText,
  port,
  readSettings,
  requiredText,
  text,
  toggle,
} from './settings.ts';

const table = {
  port: port(443, 'port'),
  tokenMountPath: text('<path>', '/var/run', 'path'),
  awsDefaultRegion: text('<region>', '', 'region', { aliases: ['awsRegion'] }),
  inCluster: toggle(false, 'switch'),
  resyncPeriod: durationMs(60_000, 'duration'),
  liveLookup: choice(['miss', 'always'], 'miss', 'choice'),
  kubeconfig: optionalText('<file>', 'file'),
  names: list('<names>', 'list'),
};

test('flag beats variable beats default, and an alias counts as its flag', () => {
  const settings = readSettings(
    table,
    { port: '8443', awsRegion: 'eu-west-1', inCluster: true },
    {
      PODROLE_PORT: '1',
      PODROLE_TOKEN_MOUNT_PATH: '/x',
      PODROLE_IN_CLUSTER: 'false',
      PODROLE_NAMES: 'a, b,',
    },
  );
  assert.deepEqual(settings, {
    port: 8443,
    tokenMountPath: '/x',
    awsDefaultRegion: 'eu-west-1',
    inCluster: true,
    resyncPeriod: 60_000,
    liveLookup: 'miss',
    kubeconfig: undefined,
    names: ['a', 'b'],
  });
});

test('what Kubernetes sets for a Service named podrole is no setting', () => {
  const env = { PODROLE_PORT: 'tcp://10.96.12.34:443', PODROLE_RESYNC_PERIOD: '5m' };
  assert.deepEqual(
    [readSettings(table, {}, env).port, readSettings(table, {}, env).resyncPeriod],
    [443, 300_000],
  );
});

test('every fault is reported at once, by the name that the user gave it', () => {
  const given = { port: 'http', inCluster: 'maybe', resyncPeriod: '60' };
  const env = { PODROLE_LIVE_LOOKUP: 'sometimes' };
  assert.throws(
    () => readSettings({ ...table, config: requiredText('<file>', 'config') }, given, env),
    (thrown) => {
      assert(thrown instanceof PodroleError);
      assert.deepEqual(
        thrown.faults.map(({ object, problem }) => `${object} ${problem}`),
        [
          '--port is "http", must be a whole number from 0 to 65535',
          '--in-cluster is "maybe", must be true or false',
          '--resync-period is "60", must be a duration such as 30s, 1m30s or 0',
          'PODROLE_LIVE_LOOKUP is "sometimes", must be one of miss, always',
          '--config is not set',
        ],
      );
      return true;
    },
  );
});
