import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditModel } from '../../../testing/audit/model.ts';
import { graphOfGrants } from './graph-of-grants.ts';
import { layOut, type Placed, ROW } from './layout.ts';

for (const serviceAccounts of [3, 60, 200, 2000]) {
  test(`no node of ${serviceAccounts} ServiceAccounts covers another one, and all are within the drawing`, () => {
    const graph = graphOfGrants(auditModel({ serviceAccounts }).grants);
    const { from, to, headings, height } = layOut(graph);
    assert.deepEqual([from.length, to.length], [graph.from.length, graph.to.length]);
    for (const side of [[...from.map(({ y }) => y), ...headings.map(({ y }) => y)], heights(to)]) {
      const sorted = side.toSorted((one, other) => one - other);
      assert.ok(sorted.every((y, index) => y - (sorted[index - 1] ?? 0) >= ROW));
      assert.ok((sorted.at(-1) ?? 0) <= height - ROW / 2);
    }
  });
}

test('the left side is in the order of the names, and the right side follows it', () => {
  const grants = auditModel({ serviceAccounts: 10 }).grants;
  const { from, to } = layOut(graphOfGrants(grants));
  const labels = from.map(({ node }) => node.label);
  assert.deepEqual(labels, labels.toSorted());
  assert.ok(to.length > 2);
  for (const { y } of to) assert.ok(from.some((each) => Math.abs(each.y - y) <= 4 * ROW));
});

function heights(side: readonly Placed[]): readonly number[] {
  return side.map(({ y }) => y);
}
