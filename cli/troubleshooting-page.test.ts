import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { awsExplanations } from '../doctor/explanations/aws/aws-explanations.ts';
import { clusterExplanations } from '../doctor/explanations/cluster/cluster-explanations.ts';
import type { Explanations } from '../doctor/explanations/explanation.ts';
import { issuerExplanations } from '../doctor/explanations/issuer/issuer-explanations.ts';
import { LINK_IDS } from '../doctor/link-ids.ts';
import { renderTroubleshootingPage } from './troubleshooting-page.ts';

const root = new URL('../', import.meta.url);
const page = new URL('docs/troubleshooting.md', root);
const PARTS: readonly Explanations[] = [clusterExplanations, issuerExplanations, awsExplanations];
const codes = PARTS.flatMap((part) => Object.keys(part));

test('docs/troubleshooting.md explains the findings as the code has them', () => {
  const rendered = renderTroubleshootingPage();
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, rendered);
  assert.equal(readFileSync(page, 'utf8'), rendered);
});

test('every finding has one entry, and every entry of the table of errors leads to one', () => {
  const rendered = renderTroubleshootingPage();
  const headings = [...rendered.matchAll(/^### (\w+)$/gm)].map(([, code = '']) => code);
  assert.deepEqual([...headings].sort(), [...codes].sort());
  const links = LINK_IDS.map((link) => `link-${link}`);
  const anchors = new Set([...links, ...headings.map((code) => code.toLowerCase())]);
  for (const [, anchor = ''] of rendered.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(anchor), anchor);
});

test('a code of a finding has one meaning', () => {
  assert.deepEqual(
    codes.filter((code, at) => codes.indexOf(code) !== at),
    [],
  );
});

// A code may be made of two parts, as KEYS_ and MISSING. Then the test of the link names it.
test('every explained finding is known to a link or its test', () => {
  const text = globSync('doctor/links/**/*.ts', { cwd: root })
    .map((path) => readFileSync(new URL(path, root), 'utf8'))
    .join('\n');
  assert.deepEqual(
    codes.filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});
