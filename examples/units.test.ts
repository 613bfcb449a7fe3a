import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { redirectSettings } from '../redirect/settings.ts';
import { settingsOf } from '../testing/manifest-files.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const PROGRAM = '/usr/local/bin/podrole';
const UNITS = ['podrole-docker-redirect.service', 'podrole-docker.service'] as const;
const DROP_IN = 'docker.service.d/podrole.conf';

/** Returns the values of each name, in the order of the file. */
function readUnit(file: string): Readonly<Record<string, readonly string[] | undefined>> {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
  const grouped = Object.groupBy(pairs, ({ name }) => name);
  return Object.fromEntries(
    Object.entries(grouped).map(([name, all = []]) => [name, all.map(({ value }) => value)]),
  );
}

const [rules, podrole] = UNITS.map(readUnit);
assert.ok(rules && podrole);

/** Returns the settings of `podrole redirect` of a line. */
function redirectOf(line: string | undefined) {
  const [program, command, ...flags] = (line ?? '').split(' ');
  assert.deepEqual([program, command], [PROGRAM, 'redirect']);
  return settingsOf(redirectSettings, flags, {});
}

test('the rules are loaded before the unit is active, and then kept', () => {
  const loaded = redirectOf(rules['ExecStartPre']?.[0]);
  const kept = redirectOf(rules['ExecStart']?.[0]);
  assert.deepEqual([kept.docker, kept.watch], [true, true]);
  assert.deepEqual(loaded, { ...kept, watch: false });
});

test('Docker and podrole start after the rules', () => {
  const before = rules['Before']?.[0]?.split(' ') ?? [];
  for (const unit of ['docker.service', 'podman-restart.service', UNITS[1]]) assert.ok(before.includes(unit));
  const dropIn = readUnit(DROP_IN);
  assert.deepEqual([dropIn['Wants'], dropIn['After']], [[UNITS[0]], [UNITS[0]]]);
  assert.match(
    dropIn['ExecStartPre']?.[0] ?? '',
    /systemctl --quiet is-active podrole-docker-redirect\.service$/,
  );
  assert.equal(podrole['ExecStart']?.[0]?.split(' ').slice(0, 2).join(' '), `${PROGRAM} docker`);
});

test('each has a user of its own, and at most one capability', () => {
  for (const [unit, capability] of [
    [rules, 'CAP_NET_ADMIN'],
    [podrole, ''],
  ] as const) {
    assert.deepEqual(unit['CapabilityBoundingSet'], [capability]);
    assert.deepEqual(unit['AmbientCapabilities'], [capability]);
    assert.deepEqual(unit['DynamicUser'], ['yes']);
    assert.deepEqual(unit['NoNewPrivileges'], ['yes']);
    assert.deepEqual(unit['ProtectSystem'], ['strict']);
    assert.deepEqual(unit['Restart'], ['always']);
  }
  assert.deepEqual([rules['SupplementaryGroups'], podrole['SupplementaryGroups']], [undefined, ['docker']]);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test('systemd takes the units', { skip: hasSystemd ? false : 'systemd-analyze is missing' }, (t) => {
  const copies = mkdtempSync(join(tmpdir(), 'podrole-units-'));
  t.after(() => rmSync(copies, { recursive: true }));
  mkdirSync(join(copies, 'docker.service.d'));
  cpSync(join(folder, DROP_IN), join(copies, DROP_IN));
  // The programs must exist.
  writeFileSync(join(copies, 'docker.service'), '[Service]\nExecStart=/bin/true\n');
  for (const file of UNITS)
    writeFileSync(
      join(copies, file),
      readFileSync(join(folder, file), 'utf8').replaceAll(`=${PROGRAM} `, '=/bin/true '),
    );
  const units = [...UNITS, 'docker.service'].map((file) => join(copies, file));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], SYSTEMD_UNIT_PATH: `${copies}:` },
  });
  // Units of this machine may have faults too.
  const faults = `${stdout}${stderr}`.split('\n').filter((line) => /podrole|docker\.service/.test(line));
  assert.deepEqual([status, faults], [0, []]);
});
