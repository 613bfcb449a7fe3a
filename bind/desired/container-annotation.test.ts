import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { containerEntryProblem, withContainerRoles, withoutContainerRole } from './container-annotation.ts';

const R = 'arn:aws:iam::111122223333:role';
const entry = (container: string, name: string) => ({ container, roleArn: `${R}/${name}` });

/** A value, the entry that is set, and the value afterwards; undefined: podrole cannot read it. */
const SET: readonly (readonly [before: string, after: string | undefined])[] = [
  ['', `a=${R}/new`],
  [' , ', `a=${R}/new`],
  [`b=${R}/b`, `b=${R}/b,a=${R}/new`],
  [` b = ${R}/b ,c=name, `, ` b = ${R}/b ,c=name,a=${R}/new`],
  [`a=${R}/old,b=${R}/b`, `a=${R}/new,b=${R}/b`],
  [`b=x, a = ${R}/old ,a=${R}/older`, `b=x,a=${R}/new`],
  ['a=', `a=${R}/new`],
  ['a', undefined],
  [`b=${R}/b;c=${R}/c`, undefined],
  ['B=x', undefined],
  [Array.from({ length: 100 }, (_, at) => `c${at}=x`).join(','), undefined],
  ['x'.repeat(70_000), undefined],
];
for (const [before, after] of SET) {
  test(`an entry is set in ${JSON.stringify(before.slice(0, 60))}`, () => {
    const result = withContainerRoles(before, [entry('a', 'new')]);
    assert.equal('value' in result ? result.value : undefined, after);
    if (after !== undefined) assert.deepEqual(withContainerRoles(after, [entry('a', 'new')]), result);
  });
}

const REMOVED: readonly (readonly [before: string, after: string | undefined])[] = [
  [`a=${R}/a`, ''],
  [`a=${R}/a,b=${R}/b`, `b=${R}/b`],
  [`b=x, a = ${R}/a ,a=y`, 'b=x'],
  ['b=x', 'b=x'],
  ['a', undefined],
];
for (const [before, after] of REMOVED) {
  test(`an entry is removed from ${JSON.stringify(before)}`, () => {
    const result = withoutContainerRole(before, 'a');
    assert.equal('value' in result ? result.value : undefined, after);
  });
}

test('a role that the annotation cannot hold is a problem', () => {
  assert.equal(containerEntryProblem(entry('a', 'team/x=+.@-_')), undefined);
  for (const name of ['a,b', 'a;b/c', 'a,b=c', 'a b'])
    assert.match(containerEntryProblem(entry('a', name)) ?? '', /cannot hold/, name);
});

test('a long value takes linear time', () =>
  assertLinear((size) => {
    const value = `c=${'x'.repeat(size)}`;
    return () => withContainerRoles(value, [entry('a', 'new')]);
  }));
