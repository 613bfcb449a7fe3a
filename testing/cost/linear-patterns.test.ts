import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PRODUCT_ROOMS } from '../sources/rooms.ts';
import { findPatterns } from './patterns.ts';

// Without the native programs that exist for some platforms: this gives the same result everywhere.
process.env['RECHECK_SYNC_BACKEND'] = 'pure';
const { checkSync } = await import('recheck');

/**
 * Patterns that are not linear, with the bound of their input. The test fails for an entry that is no longer
 * needed. By `file: pattern`.
 */
const BOUNDED: Readonly<Record<string, string>> = {};

const sources = [...PRODUCT_ROOMS, 'image']
  .flatMap((room) => globSync(`${room}/**/*.ts`))
  .filter((path) => !path.endsWith('.test.ts'))
  .sort();
const patterns = sources.flatMap((path) =>
  findPatterns(readFileSync(path, 'utf8')).map((pattern) => ({ path, ...pattern })),
);

for (const [path, found] of Map.groupBy(patterns, (pattern) => pattern.path)) {
  test(`${path}: every regular expression takes linear time`, () => {
    for (const { line, text, literal } of found) {
      const problem = literal ? problemOf(literal.source, literal.flags) : MADE_OF_DATA;
      const isBounded = BOUNDED[`${path}: ${text}`] !== undefined;
      if (!isBounded) assert.equal(problem, undefined, `${path}:${line} ${text}`);
      else assert.ok(problem, `${path}:${line} ${text} is linear: take it out of BOUNDED`);
    }
  });
}

test('each bounded pattern still exists', () => {
  const present = new Set(patterns.map(({ path, text }) => `${path}: ${text}`));
  for (const entry of Object.keys(BOUNDED)) assert.ok(present.has(entry), `${entry}: take it out of BOUNDED`);
});

const NOT_LINEAR: Readonly<Record<string, string>> = {
  'a run before the end': "text.replace(/\\/+$/, '')",
  'a run at either end': "text.replace(/^\\s+|\\s+$/g, '')",
  'a run between two marks': 'text.match(/BEGIN[^]*?END/g)',
  'a run in a run': 'const word = /^(\\w+\\s?)*$/',
  'two runs of the same': 'const number = /^\\d+\\.?\\d*x/',
  'two runs behind a look-ahead': 'const number = /^(?!0$)\\d[\\d_]*\\.?[\\d_]*$/',
  'a run before a long count': 'const name = /[a-z]+[a-z]{1,61}$/',
  'made of data': 'new RegExp(pattern)',
  'created from data by a call': 'RegExp(pattern).test(text)',
  'made of data by another name': 'const Pattern = RegExp',
  'made of data by a method': 'text.search("a" + b)',
};

for (const [name, source] of Object.entries(NOT_LINEAR)) {
  test(`found: ${name}`, () => {
    const [pattern] = findPatterns(`const text: string = '';\n${source};`);
    assert.ok(pattern, source);
    assert.equal(pattern.line, 2);
    const { literal } = pattern;
    if (literal) assert.match(problemOf(literal.source, literal.flags) ?? 'none', /polynomial|exponential/);
  });
}

const MADE_OF_DATA = 'is created from data: write it out, or match with lib/text/glob.ts';

/**
 * A count in a pattern. A large one is checked as unbounded: the checker can then prove its result, instead
 * of guessing it.
 */
const COUNT = /(?<!\\u)\{(\d+)(?:,(\d+))?\}/g;
const LONG_COUNT = 30;

function withoutLongCounts(source: string): string {
  return source.replaceAll(COUNT, (count: string, least: string, most = least) => {
    if (Number(most) < LONG_COUNT) return count;
    return Number(least) === 0 ? '*' : '+';
  });
}

/** Without a time limit, whose result would differ on a busy machine. */
const CHECKING = { timeout: null, attackTimeout: null, incubationTimeout: null, randomSeed: 1 } as const;

/**
 * Reason why a pattern may need more than linear time, over all start positions of a search; undefined if it
 * is linear.
 */
function problemOf(source: string, flags: string): string | undefined {
  const found = checkSync(withoutLongCounts(source), flags, CHECKING);
  if (found.status === 'safe') return undefined;
  return found.status === 'vulnerable'
    ? `is ${found.complexity.summary}`
    : `cannot be checked: ${found.error.kind}`;
}
