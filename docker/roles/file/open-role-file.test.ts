import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { faultCodeOf } from '../../../lib/errors.ts';
import { collectLog } from '../../../testing/processes/collected-log.ts';
import { until } from '../../../testing/until.ts';
import { openRoleFile, type RoleFile } from './open-role-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-roles-'));
after(() => rmSync(folder, { recursive: true }));

const bounds = { allow: [], baseRoleArn: 'arn:aws:iam::111122223333:role/' };
const rolesWith = (role: string) => `roles:\n- container: web\n  role: ${role}\n`;

function open(path: string) {
  const log = collectLog();
  const file = openRoleFile(path, { bounds, logger: log.logger, pollMs: 20 });
  let changes = 0;
  file.onChange(() => {
    changes += 1;
  });
  const failures = () => log.text().split('role file not loaded').length - 1;
  return { file, log, failures, changes: () => changes };
}

const roleOf = (file: RoleFile) => file.rules()[0]?.role.name;

test('a file that is missing, unreadable or invalid stops the start', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const cases: [path: string, code: string][] = [
    [join(folder, 'none.yaml'), 'UNREADABLE_FILE'],
    [folder, 'UNREADABLE_FILE'],
    [write('empty.yaml', ''), 'INVALID_ROLE_FILE'],
    [write('broken.yaml', 'roles: ['), 'INVALID_ROLE_FILE'],
    [write('role.yaml', rolesWith('"a b"')), 'INVALID_ROLE_FILE'],
  ];
  for (const [path, code] of cases) {
    assert.throws(
      () => open(path),
      (thrown) => faultCodeOf(thrown) === code && String(thrown).includes(path),
      path,
    );
  }
});

test('the file is followed through links of its folder; an invalid one keeps the last valid rules', async () => {
  const mount = join(folder, 'mount');
  const path = join(mount, 'roles.yaml');
  let version = 0;
  // As kubelet mounts a ConfigMap: a folder of each version, and a link that is replaced.
  const mountVersion = (text: string | undefined) => {
    version += 1;
    mkdirSync(join(mount, `..${version}`), { recursive: true });
    if (text !== undefined) writeFileSync(join(mount, `..${version}`, 'roles.yaml'), text);
    symlinkSync(`..${version}`, join(mount, '..new'));
    renameSync(join(mount, '..new'), join(mount, '..data'));
  };
  mountVersion(rolesWith('one'));
  symlinkSync('..data/roles.yaml', path);
  const { file, log, failures, changes } = open(path);
  try {
    assert.equal(roleOf(file), 'one');
    mountVersion(rolesWith('two'));
    await until(() => roleOf(file) === 'two', 'the second version');
    assert.equal(changes(), 1);
    assert.deepEqual(file.problems(), []);
    for (const [text, problem] of [
      ['roles: [', /is not valid YAML in line 1.*; the last valid rules stay in use$/],
      [
        rolesWith('"a b"'),
        /:3 roles\[0\]\.role: is not the name or ARN of a role.*; the last valid rules stay in use$/,
      ],
      [undefined, /does not exist; .*; the last valid rules stay in use$/],
    ] as const) {
      const before = failures();
      mountVersion(text);
      await until(() => failures() === before + 1, `refused: ${text}`);
      assert.match(file.problems()[0] ?? '', problem);
      assert.equal(roleOf(file), 'two');
    }
    assert.match(log.text(), /UNREADABLE_FILE/);
    assert.equal(changes(), 1);
    mountVersion('roles: []');
    await until(() => file.rules().length === 0, 'no roles');
    assert.equal(changes(), 2);
    assert.deepEqual(file.problems(), []);
  } finally {
    file.close();
  }
});

test('the file is followed through renames, and the same fault is logged once', async () => {
  const path = join(folder, 'renamed.yaml');
  const replace = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  replace(rolesWith('one'));
  const { file, failures } = open(path);
  try {
    replace('roles: 7');
    await until(() => failures() > 0, 'a fault');
    for (let time = 0; time < 5; time += 1) replace('roles: 7');
    replace(rolesWith('two'));
    await until(() => roleOf(file) === 'two', 'a correction');
    assert.equal(failures(), 1);
    assert.deepEqual(file.problems(), []);
  } finally {
    file.close();
  }
});
