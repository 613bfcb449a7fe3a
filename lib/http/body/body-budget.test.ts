import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyBudget, type BodyShare } from './body-budget.ts';

interface Scene {
  readonly budget: BodyBudget;
  /** Names of the bodies that were ended, in order. */
  readonly ended: string[];
  readonly shed: () => number;
  readonly pass: (ms: number) => void;
  readonly begin: (name: string) => BodyShare;
}

function scene(limitBytes: number): Scene {
  let nowMs = 0;
  let shed = 0;
  const budget = new BodyBudget({
    limitBytes,
    monotonicMs: () => nowMs,
    onShed: () => {
      shed += 1;
    },
  });
  const ended: string[] = [];
  return {
    budget,
    ended,
    shed: () => shed,
    pass: (ms) => {
      nowMs += ms;
    },
    begin: (name) => {
      const share = budget.open();
      share.begin(() => ended.push(name));
      return share;
    },
  };
}

test('a body that only announces its length takes no room', () => {
  const { budget, ended, begin } = scene(100);
  for (let at = 0; at < 1_000; at += 1) begin(`announced ${at}`);
  const share = begin('honest');
  share.hold(100);
  assert.deepEqual([budget.usedBytes, ended], [100, []]);
});

test('a newcomer is read although unfinished bodies fill the budget: the worst one is ended', () => {
  const { budget, ended, shed, pass, begin } = scene(100);
  for (const name of ['first', 'second', 'third']) {
    begin(name).hold(33);
    pass(10);
  }
  const honest = begin('honest');
  honest.hold(20);
  assert.deepEqual([ended, shed(), budget.usedBytes], [['first'], 1, 86]);
  assert.ok(honest.arrived(20));
});

test('a thousand small unfinished bodies lose before one larger body that arrives quickly', () => {
  const { ended, pass, begin } = scene(1_000);
  for (let at = 0; at < 1_000; at += 1) begin(`small ${at}`).hold(1);
  pass(1_000);
  const honest = begin('honest');
  honest.hold(50);
  pass(2);
  honest.hold(50);
  assert.ok(honest.arrived(100));
  assert.equal(ended.length, 100);
  assert.ok(!ended.includes('honest'));
});

test('a flood of newcomers does not end an honest body that is older than they are', () => {
  const { ended, pass, begin } = scene(1_000);
  const honest = begin('honest');
  honest.hold(20);
  pass(5);
  for (let at = 0; at < 100; at += 1) begin(`large ${at}`).hold(700);
  assert.ok(!ended.includes('honest'));
  assert.ok(honest.arrived(20));
});

test('bodies that have arrived are never ended; if they fill the budget, newcomers are refused', () => {
  const { budget, ended, shed, begin } = scene(100);
  const first = begin('first');
  first.hold(10);
  assert.ok(first.arrived(90));
  const second = begin('second');
  second.hold(10);
  assert.equal(second.arrived(20), false);
  begin('third').hold(11);
  assert.deepEqual([ended, shed(), budget.usedBytes], [['third'], 2, 90]);
  first.release();
  assert.equal(budget.usedBytes, 0);
});

test('a body that was ended or released holds nothing, even if that is repeated', () => {
  const { budget, begin } = scene(100);
  const share = begin('body');
  share.hold(101);
  share.hold(50);
  assert.equal(share.arrived(1), false);
  share.release();
  share.release();
  const answered = begin('answered');
  answered.hold(5);
  answered.arrived(5);
  answered.release();
  answered.release();
  assert.equal(budget.usedBytes, 0);
});

test('an answer that is not read makes room, the oldest and largest first', () => {
  const { budget, ended, shed, pass, begin } = scene(100);
  for (const name of ['first', 'second']) {
    const share = begin(name);
    share.hold(10);
    assert.ok(share.arrived(50));
    share.answered(40, () => ended.push(`answer of ${name}`));
    pass(10);
  }
  assert.equal(budget.usedBytes, 80);
  const honest = begin('honest');
  honest.hold(20);
  assert.ok(honest.arrived(60));
  assert.deepEqual([ended, shed(), budget.usedBytes], [['answer of first'], 1, 100]);
});

test('an answer that is read holds nothing', () => {
  const { budget, ended, begin } = scene(100);
  const share = begin('body');
  share.hold(10);
  assert.ok(share.arrived(100));
  share.answered(30, () => ended.push('answer'));
  assert.equal(budget.usedBytes, 30);
  share.release();
  share.release();
  assert.deepEqual([budget.usedBytes, ended], [0, []]);
});
