import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { PodroleError } from '../errors.ts';
import {
  choice,
  durationMs,
  list,
  optionalText,
  port,
  readSettings,
  requiredList,
  requiredText,
  text,
  toggle,
  variableName,
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

test('given but empty is an error: an unset variable of a script must not take a guard away', () => {
  const guards = {
    token: optionalText('<token>', 'token', { isSecret: true }),
    caFile: optionalText('<file>', 'file'),
    allowed: list('<names>', 'list'),
    audience: text('<audience>', 'sts.amazonaws.com', 'audience'),
    config: requiredText('<file>', 'file'),
    names: requiredList('<names>', 'list'),
    port: port(443, 'port'),
    mode: choice(['on', 'off'], 'on', 'choice'),
  };
  const empty = Object.fromEntries(Object.keys(guards).map((name) => [name, '']));
  const variables = Object.fromEntries(Object.keys(guards).map((name) => [variableName(name), '']));
  const names = ['token', 'ca-file', 'allowed', 'audience', 'config', 'names', 'port', 'mode'];
  const patterns = (nameOf: (name: string) => string) =>
    names.map(
      (name) => new RegExp(`^${nameOf(name)}: is given but empty; give it a value, or leave it out$`, 'm'),
    );
  assertFaults(
    () => readSettings(guards, empty, {}),
    patterns((name) => `--${name}`),
  );
  assertFaults(
    () => readSettings(guards, {}, variables),
    patterns((name) => `PODROLE_${name.toUpperCase().replace('-', '_')}`),
  );
  const given = { config: 'f', names: 'a' };
  assertFaults(
    () => readSettings(guards, { ...given, allowed: ' , ', caFile: ' ' }, {}),
    [/--allowed: is " , ", must be a list with at least one item/, /--ca-file: is " ", must be a value/],
  );
  assert.equal(readSettings(guards, given, {}).token, undefined);
});

test('where empty is the default, or means that of the AWS webhook, it may be given', () => {
  const settings = {
    region: text('<region>', '', 'region'),
    file: optionalText('<file>', 'file', { emptyIsUnset: true }),
  };
  assert.deepEqual(readSettings(settings, { region: '', file: '' }, {}), { region: '', file: undefined });
});

test('a secret is not repeated in an error', () => {
  const settings = {
    path: { ...optionalText('<path>', 'path', { isSecret: true }), parse: () => assert.fail('short') },
  };
  assertFaults(() => readSettings(settings, { path: 's3cr3t' }, {}), [/^--path: must be short; see --help$/]);
});
