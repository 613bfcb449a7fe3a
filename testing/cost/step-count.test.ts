import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globMatches } from '../../lib/text/glob.ts';
import { assertLinear, countSteps, isOwnSource } from './step-count.ts';

const counts = (url: string) => isOwnSource(url) || url === import.meta.url;

test('two equal calls take the same number of steps', async () => {
  const call = () => globMatches('*a*b', 'a'.repeat(3_000));
  await countSteps(call);
  assert.deepEqual(await countSteps(call), await countSteps(call));
});

test('loop blocks of the selected sources count', async () => {
  const loop = () => {
    let sum = 0;
    for (let at = 0; at < 1_000; at++) sum += at;
    return sum;
  };
  await countSteps(loop, { counts });
  assert.equal((await countSteps(loop)).blocks, 0);
  assert.ok((await countSteps(loop, { counts })).blocks >= 1_000);
});

const LINEAR: Readonly<Record<string, (size: number) => () => unknown>> = {
  loop: (size) => () => listOf(size).map((item) => item.length),
  set: (size) => () => {
    const seen = new Set<string>();
    for (const item of listOf(size)) if (!seen.has(item)) seen.add(item);
  },
  sort: (size) => () => listOf(size).sort(),
  constant: (size) => () => size + 1,
};

const QUADRATIC: Readonly<Record<string, (size: number) => () => unknown>> = {
  'loop in a loop': (size) => () => {
    const items = listOf(size);
    return items.filter((item, at) => !items.some((other, before) => before < at && other === item));
  },
  'includes on a list that grows': (size) => () => {
    const seen: string[] = [];
    for (const item of listOf(size)) if (!seen.includes(item)) seen.push(item);
  },
  'spread of a list that grows': (size) => () => {
    let all: readonly string[] = [];
    for (const item of listOf(size)) all = [...all, item];
  },
  'rest of a string': (size) => () => {
    for (let rest = 'a'.repeat(size); rest.includes('b') || rest !== ''; rest = rest.slice(1));
  },
};

for (const [name, prepare] of Object.entries(LINEAR)) {
  test(`linear: ${name}`, () => assertLinear(prepare, { counts }));
}

for (const [name, prepare] of Object.entries(QUADRATIC)) {
  test(`faster than linear: ${name}`, async () => {
    await assert.rejects(assertLinear(prepare, { counts }), /faster than linear: steps at sizes/);
  });
}

function listOf(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `item ${at}`);
}
