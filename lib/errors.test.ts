import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, collectFaults, type Fault, PodroleError, throwIfAny } from './errors.ts';

const fault: Fault = { code: 'NO_KEYS', object: 'a.json', problem: 'holds no key', remedy: 'give keys' };

test('collectFaults returns the result, or takes the faults of a PodroleError', () => {
  const faults: Fault[] = [];
  assert.equal(
    collectFaults(faults, () => 1),
    1,
  );
  const failing = () => {
    throw new PodroleError([fault, { ...fault, object: 'b.json' }]);
  };
  assert.equal(collectFaults(faults, failing), undefined);
  assert.deepEqual(faults, [fault, { ...fault, object: 'b.json' }]);
});

test('collectFaults takes more faults than a call can have arguments', () => {
  const faults: Fault[] = [];
  const failing = () => {
    throw new PodroleError(Array(300_000).fill(fault));
  };
  collectFaults(faults, failing);
  assert.equal(faults.length, 300_000);
});

test('collectFaults lets any other error through', () => {
  const defect = new TypeError('oops');
  const failing = () => {
    throw defect;
  };
  assert.throws(() => collectFaults([], failing), defect);
});

test('throwIfAny throws all faults at once, or nothing', () => {
  throwIfAny([]);
  assert.throws(
    () => throwIfAny([fault, fault]),
    (thrown) => thrown instanceof PodroleError && thrown.faults.length === 2 && codeOf(thrown) === 'NO_KEYS',
  );
});
