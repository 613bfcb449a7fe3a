import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { documentedCodes, renderErrorsPage } from './errors-page.ts';
import { findingCodes } from './troubleshooting-page.ts';

const root = new URL('../', import.meta.url);
const page = new URL('docs/errors.md', root);

/** `code` of other things: log of the local STS, findings, errors of the system. */
const OTHER_CODES = ['OK', 'UNREADABLE_STATEMENT', 'MISSPELT_KEY', 'NOT_REGULAR', 'ENOTDIR', ...findingCodes];

const sources = globSync('*/**/*.ts', { cwd: root })
  .filter(
    (path) =>
      !/^(?:node_modules|dist|e2e|bench|examples|testing|release|lib\/errors)\/|\.test\.ts$/.test(path),
  )
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

test('docs/errors.md explains the error codes as the code has them', () => {
  const rendered = renderErrorsPage();
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, rendered);
  assert.equal(readFileSync(page, 'utf8'), rendered);
});

test('a code with two rows has two meanings, and each row leads to the other', () => {
  const rows = new Map<string, { readonly anchor: string; readonly row: string }[]>();
  for (const section of renderErrorsPage().split('\n## ').slice(1)) {
    const [title = '', ...lines] = section.split('\n');
    const anchor = `(#${title.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')})`;
    for (const row of lines) {
      const code = /^\| `(\w+)`/.exec(row)?.[1];
      if (code) rows.set(code, [...(rows.get(code) ?? []), { anchor, row }]);
    }
  }
  const repeated = [...rows].filter(([, found]) => found.length > 1);
  assert.deepEqual(
    repeated.map(([code, found]) => [code, found.length]),
    [['FORBIDDEN', 2]],
  );
  for (const [code, found] of repeated) {
    const [one, other] = found;
    assert.ok(one?.row.includes(other?.anchor ?? '') && other?.row.includes(one.anchor), code);
  }
});

// The compiler holds the codes of faults. An object that becomes the body of an HTTP answer has no such type.
test('every code in the sources is in docs/errors.md', () => {
  const missing = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\bcode: '([A-Z][A-Z\d_]*)'/g)].flatMap(([, code = '']) =>
      documentedCodes.has(code) || OTHER_CODES.includes(code) ? [] : [`${path}: ${code}`],
    ),
  );
  assert.deepEqual(missing, []);
});

test('every code in docs/errors.md is used by the sources', () => {
  const used = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(/'([A-Z][A-Z\d_]*)'/g)].map((match) => match[1])),
  );
  assert.deepEqual(
    [...documentedCodes].filter((code) => !used.has(code)),
    [],
  );
});
