import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FINDINGS_HEADING, renderAuditFindings } from './audit-page.ts';

const page = new URL('../docs/audit.md', import.meta.url);

test('docs/audit.md explains every finding as the code has it', () => {
  const text = readFileSync(page, 'utf8');
  const [written = ''] = text.split(FINDINGS_HEADING, 1);
  const rendered = `${written}${FINDINGS_HEADING}${renderAuditFindings()}`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, rendered);
  assert.equal(readFileSync(page, 'utf8'), rendered);
});
