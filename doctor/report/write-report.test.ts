import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { refuseReport, writeReport } from './write-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-report-'));
after(() => rmSync(folder, { recursive: true }));

test('a report replaces a symbolic link, and never writes through it', async () => {
  const [target, file] = [join(folder, 'target'), join(folder, 'link.html')];
  writeFileSync(target, 'mine');
  symlinkSync(target, file);
  await assert.rejects(refuseReport(file, false), { code: 'NOT_WRITTEN' });
  await assert.rejects(writeReport(file, 'page', false), { code: 'NOT_WRITTEN' });
  await writeReport(file, 'page', true);
  assert.equal(readFileSync(target, 'utf8'), 'mine');
  assert.equal(readFileSync(file, 'utf8'), 'page');
  const dangling = join(folder, 'dangling.html');
  symlinkSync(join(folder, 'gone'), dangling);
  await assert.rejects(refuseReport(dangling, false), { code: 'NOT_WRITTEN' });
  await assert.rejects(writeReport(dangling, 'page', false), { code: 'NOT_WRITTEN' });
  // Neither a draft nor the target of the link is left.
  assert.deepEqual(readdirSync(folder).sort(), ['dangling.html', 'link.html', 'target']);
});
