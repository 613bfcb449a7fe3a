import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { faultCodeOf } from '../../lib/errors.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import type { PolicyLoad } from '../metrics.ts';
import { followPolicyFile } from './policy-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-policy-'));
after(() => rmSync(folder, { recursive: true }));

const policy = (role: string) => `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
- namespaces: [shop]
  roles: ["arn:aws:iam::111122223333:role/${role}"]
`;

const discard = { logger: collectLog().logger, count: () => {} };

test('a file that is missing, unreadable or invalid stops the start', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const directory = join(folder, 'directory');
  mkdirSync(directory);
  const cases: [path: string, code: string][] = [
    [join(folder, 'none.yaml'), 'UNREADABLE_FILE'],
    [directory, 'UNREADABLE_FILE'],
    [write('empty.yaml', ''), 'INVALID_ROLE_POLICY'],
    [write('broken.yaml', 'rules: ['), 'INVALID_ROLE_POLICY'],
    [write('kind.yaml', policy('web').replace('RolePolicy', 'Policy')), 'INVALID_ROLE_POLICY'],
    [write('member.yaml', `${policy('web')}unlist: allow\n`), 'INVALID_ROLE_POLICY'],
  ];
  for (const [path, code] of cases) {
    assert.throws(
      () => followPolicyFile(path, discard),
      (thrown) => faultCodeOf(thrown) === code && String(thrown).includes(path),
      path,
    );
  }
});

test('the file is followed as kubelet replaces it; while it is invalid or gone, the last valid one counts', async () => {
  const mount = join(folder, 'mount');
  const path = join(mount, 'policy.yaml');
  let version = 0;
  // As kubelet mounts a ConfigMap: a folder of each version, and a symlink that is swapped.
  const mountVersion = (text: string | undefined) => {
    version += 1;
    mkdirSync(join(mount, `..${version}`), { recursive: true });
    if (text !== undefined) writeFileSync(join(mount, `..${version}`, 'policy.yaml'), text);
    symlinkSync(`..${version}`, join(mount, '..new'));
    renameSync(join(mount, '..new'), join(mount, '..data'));
  };
  mountVersion(policy('one'));
  symlinkSync('..data/policy.yaml', path);
  const log = collectLog();
  const loads: PolicyLoad[] = [];
  const file = followPolicyFile(path, { logger: log.logger, count: (load) => loads.push(load), pollMs: 20 });
  const allows = (role: string) => file.current()?.rules[0]?.roles[0]?.endsWith(`/${role}`) === true;
  try {
    assert.ok(allows('one'));
    mountVersion(policy('two'));
    await until(() => allows('two'), 'changed');
    for (const [text, code] of [
      ['rules: [', 'INVALID_ROLE_POLICY'],
      ['', 'INVALID_ROLE_POLICY'],
      [undefined, 'UNREADABLE_FILE'],
    ] as const) {
      const failures = loads.filter((load) => load === 'failed').length;
      mountVersion(text);
      await until(() => loads.filter((load) => load === 'failed').length > failures, `refused: ${text}`);
      assert.ok(log.text().includes(code), code);
      assert.ok(allows('two'), 'the last valid policy stays');
    }
    mountVersion(policy('three'));
    await until(() => allows('three'), 'corrected');
    assert.deepEqual(loads.filter((load) => load === 'loaded').length, 3);
  } finally {
    file.stop();
  }
});
