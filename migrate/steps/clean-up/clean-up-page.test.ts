import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsIn, movedModel, stepTexts } from '../../../testing/migrate/steps.ts';

/** Returns the commands of the last step that take something from the proxy. */
function takenBy(changes: Parameters<typeof movedModel>[0]) {
  const files = stepTexts(movedModel(changes));
  const commands = commandsIn(files.get('3-clean-up/README.md') ?? '', 'Run');
  return commands.filter((command) => /^aws |3-clean-up\/proxy/.test(command));
}

test('a plan for a part of the cluster takes nothing from the proxy', () => {
  assert.equal(takenBy({}).length > 0, true);
  assert.deepEqual(takenBy({ isWhole: false }), []);
  assert.deepEqual(takenBy({ isWhole: false, roles: [] }), [], 'also if it knows no role');
});
