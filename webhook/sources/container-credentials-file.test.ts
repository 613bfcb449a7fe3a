import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { followContainerCredentials } from './container-credentials-file.ts';

const config = (serviceAccount: string) =>
  JSON.stringify({ identities: [{ namespace: 'shop', serviceAccount }] });

test('the container-credentials file is followed from before it exists until after it is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-credentials-'));
  const path = join(folder, 'mounted-later', 'config.json');
  const log = collectLog();
  const file = await followContainerCredentials(path, log.logger, 20);
  const has = (serviceAccount: string) => file.current().has('shop', serviceAccount);
  try {
    assert.equal(file.current().size, 0);
    mkdirSync(join(folder, 'mounted-later'));
    writeFileSync(path, config('web'));
    await until(() => has('web'), 'read');
    writeFileSync(path, config('job'));
    await until(() => has('job') && !has('web'), 'changed');
    writeFileSync(path, '{"identities": [');
    await until(() => log.text().includes('not loaded'), 'the fault is logged');
    assert.ok(has('job'), 'the last good set stays');
    const reported = () => log.text().split('UNREADABLE_FILE').length - 1;
    rmSync(path);
    spawnSync('mkfifo', [path]);
    await until(() => reported() > 0, 'the report of the FIFO');
    assert.ok(has('job'), 'after a file that is not regular');
    rmSync(path);
    await until(() => !has('job'), 'cleared');
  } finally {
    file.stop();
    rmSync(folder, { recursive: true });
  }
});
