import assert from 'node:assert/strict';
import { test } from 'node:test';
import { narrowSelector, unmetRequirement } from './label-selector.ts';

const LABELS = { app: 'web', tier: 'front' };
const CASES: readonly (readonly [selector: object | undefined, unmet: string | undefined])[] = [
  [undefined, undefined],
  [{}, undefined],
  [{ matchLabels: { app: 'web' } }, undefined],
  [{ matchLabels: { app: 'api' } }, 'app In api'],
  [{ matchLabels: { constructor: 'x' } }, 'constructor In x'],
  [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'web'] }] }, undefined],
  [{ matchExpressions: [{ key: 'none', operator: 'In', values: ['web'] }] }, 'none In web'],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, 'app NotIn web'],
  [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] }, undefined],
  [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, undefined],
  [{ matchExpressions: [{ key: 'none', operator: 'Exists' }] }, 'none Exists '],
  [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, 'tier DoesNotExist '],
  [{ matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, undefined],
];
for (const [selector, expected] of CASES) {
  test(`${JSON.stringify(selector)} ${expected === undefined ? 'selects' : 'does not select'}`, () => {
    const unmet = unmetRequirement(narrowSelector(selector as never), LABELS);
    assert.equal(unmet && `${unmet.key} ${unmet.operator} ${unmet.values.join()}`, expected);
  });
}
