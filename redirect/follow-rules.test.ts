import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectLog } from '../testing/processes/collected-log.ts';
import { createVirtualTime } from '../testing/virtual-time.ts';
import { followRules } from './follow-rules.ts';

test('the rules are checked again and again, and only a change is logged', async () => {
  const time = createVirtualTime();
  const log = collectLog();
  let found: readonly string[] = [];
  let checks = 0;
  const prove = async () => {
    checks += 1;
    return found;
  };
  const rules = followRules({
    rules: 'the rules of the node',
    prove,
    clock: time.clock(),
    logger: log.logger,
  });
  assert.deepEqual(rules.problems(), ['the rules of the node are not checked yet']);
  await time.pass(0);
  assert.deepEqual(rules.problems(), []);
  found = ['they are gone'];
  await time.pass(2_000);
  assert.deepEqual(rules.problems(), ['they are gone']);
  await time.pass(10_000);
  found = [];
  await time.pass(2_000);
  assert.deepEqual(rules.problems(), []);
  assert.equal(log.text().match(/not in effect/g)?.length, 1);
  assert.equal(log.text().match(/are in effect/g)?.length, 2);
  rules.stop();
  const before = checks;
  await time.pass(60_000);
  assert.equal(checks, before);
});

test('a check that fails is a problem, not the end of the process', async () => {
  const time = createVirtualTime();
  const { logger } = collectLog();
  const rules = followRules({
    rules: 'the rules of the node',
    prove: () => Promise.reject(new Error('x')),
    clock: time.clock(),
    logger,
  });
  await time.pass(0);
  assert.match(String(rules.problems()), /no longer checked/);
});
