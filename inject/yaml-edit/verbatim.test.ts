import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifest } from '../manifest.ts';
import { Verbatim } from './verbatim.ts';

function read(scalar: string): unknown {
  return readManifest(`- ${scalar}`, 'test').documents.map(({ value }) => (value as unknown[])[0])[0];
}

test('a scalar that versions of YAML read differently keeps its spelling, and means what kubectl reads', () => {
  const cases: [scalar: string, meaning: unknown][] = [
    ['yes', true],
    ['Off', false],
    ['y', true],
    ['0644', 420],
    ['0o17', 15],
    ['0x1F', 31],
    ['-0b11', -3],
    ['1_000', 1000],
    ['1.10', 1.1],
    ['1e3', 1000],
    ['.inf', '.inf'],
    ['-0', -0],
  ];
  for (const [scalar, meaning] of cases) {
    const value = read(scalar);
    assert.ok(value instanceof Verbatim, scalar);
    assert.equal(value.source, scalar);
    assert.equal(value.toJSON(), meaning, scalar);
  }
});

test('every other scalar is what it is in JSON', () => {
  const cases: [scalar: string, value: unknown][] = [
    ['86400', 86_400],
    ['-1', -1],
    ['true', true],
    ['~', null],
    ['"yes"', 'yes'],
    ["'0644'", '0644'],
    ['10.0.0.1', '10.0.0.1'],
    ['1:30', '1:30'],
    ['2001-02-03', '2001-02-03'],
    ['1.5Gi', '1.5Gi'],
    ['yess', 'yess'],
    ['', null],
  ];
  for (const [scalar, value] of cases) assert.equal(read(scalar), value, scalar);
});

test('the parts of a number with a point, and a long run of digits that is not a number', () => {
  for (const scalar of ['1.', '.5', '1_0.2_0', '-.5e+3', '1e-3', '01', '1234567890123456']) {
    assert.ok(read(scalar) instanceof Verbatim, scalar);
  }
  for (const scalar of ['1.2.3', '.', '1e', `${'1'.repeat(50_000)}x`, `${'_'.repeat(50_000)}`]) {
    assert.equal(read(scalar), scalar);
  }
});
