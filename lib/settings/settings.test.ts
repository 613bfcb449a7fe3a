import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { PodroleError } from '../errors.ts';
import { choice, durationMs, integer, list, matching, parsed, port, string, toggle } from './kinds.ts';
import { readSettings, variableName } from './settings.ts';

const help = 'help';
const file = { value: '<file>', help } as const;

const table = {
  port: port({ default: 443, help }),
  tokenMountPath: string({ value: '<path>', default: '/var/run', help }),
  awsDefaultRegion: string({ value: '<region>', default: '', aliases: ['awsRegion'], help }),
  inCluster: toggle({ default: false, help }),
  resyncPeriod: durationMs({ defaultMs: 60_000, help }),
  liveLookup: choice({ values: ['miss', 'always'], default: 'miss', help }),
  kubeconfig: string(file),
  names: list({ value: '<names>', help }),
};

test('a flag overrides its variable, a variable the default, and an alias counts as its flag', () => {
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

test('a variable that Kubernetes sets for a Service named podrole is not a setting', () => {
  const env = { PODROLE_PORT: 'tcp://10.96.12.34:443', PODROLE_RESYNC_PERIOD: '5m' };
  assert.deepEqual(
    [readSettings(table, {}, env).port, readSettings(table, {}, env).resyncPeriod],
    [443, 300_000],
  );
});

test('all faults are reported at once, by the name of the flag or variable that was given', () => {
  const given = { port: 'http', inCluster: 'maybe', resyncPeriod: '60' };
  const env = { PODROLE_LIVE_LOOKUP: 'sometimes' };
  assert.throws(
    () => readSettings({ ...table, config: string({ ...file, required: true }) }, given, env),
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

test('an empty value is an error: an unset variable in a script must not switch off a guard', () => {
  const guards = {
    token: string({ value: '<token>', isSecret: true, help }),
    caFile: string(file),
    allowed: list({ value: '<names>', help }),
    audience: string({ value: '<audience>', default: 'sts.amazonaws.com', help }),
    config: string({ ...file, required: true }),
    names: list({ value: '<names>', required: true, help }),
    port: port({ default: 443, help }),
    mode: choice({ values: ['on', 'off'], default: 'on', help }),
    account: matching({ value: '<account>', pattern: /^\d{12}$/, expected: 'twelve digits', help }),
  };
  const empty = Object.fromEntries(Object.keys(guards).map((name) => [name, '']));
  const variables = Object.fromEntries(Object.keys(guards).map((name) => [variableName(name), '']));
  const names = ['token', 'ca-file', 'allowed', 'audience', 'config', 'names', 'port', 'mode', 'account'];
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

test('an empty value is accepted if it is the default, or if the AWS webhook accepts it', () => {
  const settings = {
    region: string({ value: '<region>', default: '', help }),
    account: matching({
      value: '<account>',
      pattern: /^\d{12}$/,
      expected: 'twelve digits',
      default: '',
      help,
    }),
    file: string({ ...file, emptyIsUnset: true }),
  };
  assert.deepEqual(readSettings(settings, { region: '', account: '', file: '' }, {}), {
    region: '',
    account: '',
    file: undefined,
  });
});

test('a required setting without a value is missing, also if it could be empty', () => {
  const settings = { config: string({ ...file, required: true, emptyIsUnset: true }) };
  for (const given of [{}, { config: '' }]) {
    assertFaults(() => readSettings(settings, given, {}), [/^--config: is not set; .*PODROLE_CONFIG/]);
  }
});

test('numbers and durations have limits, which the error names', () => {
  const settings = {
    seconds: integer({ value: '<seconds>', min: 900, max: 43_200, help }),
    lifetime: durationMs({ defaultMs: 3_600_000, minMs: 60_000, help }),
  };
  assert.deepEqual(readSettings(settings, {}, {}), { seconds: undefined, lifetime: 3_600_000 });
  assertFaults(
    () => readSettings(settings, { seconds: '899', lifetime: '59s' }, {}),
    [
      /^--seconds: is "899", must be a whole number from 900 to 43200;/m,
      /^--lifetime: is "59s", must be a duration of 1m or more;/m,
    ],
  );
});

test('a secret is not repeated in an error', () => {
  const settings = {
    path: parsed<string>({
      value: '<path>',
      isSecret: true,
      expected: 'short',
      parse: () => undefined,
      help,
    }),
  };
  assertFaults(() => readSettings(settings, { path: 's3cr3t' }, {}), [/^--path: must be short; see --help$/]);
});
