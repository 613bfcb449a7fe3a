import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nodeCommands } from '../../testing/agent/node-commands.ts';
import { NodeScene } from '../../testing/agent/node-scene.ts';
import { NodeWorld, type RealPod, type WorldOptions } from '../../testing/agent/node-world.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { hasStarted, isUntouched } from './witness/pod-folder.ts';

const count = { histories: 0, workload: 0, unclear: 0, stranger: 0, settled: 0 };

/** Property: whatever happens on the node, the finder names the caller or nobody. */
function neverWrong(canLie: boolean) {
  const options: fc.Arbitrary<WorldOptions> = fc.record({
    hasDerivedMacs: fc.boolean(),
    // A report that is late and a lie at the same time can deceive: see decideCaller.
    reportsLate: canLie ? fc.constant(false) : fc.boolean(),
  });
  return fc.asyncProperty(options, nodeCommands(canLie), async (of, commands) => {
    const time = createVirtualTime();
    const world = new NodeWorld(time, of);
    const scene = new NodeScene(time, world);
    await fc.asyncModelRun(() => ({ model: world, real: scene }), commands);
    await scene.allAnswered();
    assert.deepEqual(scene.wrong, []);
    await assertLive(world, scene);
    count.histories += 1;
    for (const kind of ['workload', 'unclear', 'stranger'] as const) count[kind] += scene.verdicts[kind];
  });
}

/**
 * Checks that each pod is certain once all is quiet, whatever other pods write into their hosts files. Its
 * own must be as kubelet wrote it.
 */
async function assertLive(world: NodeWorld, scene: NodeScene): Promise<void> {
  scene.api = 10;
  world.settle();
  scene.deliver();
  await scene.pass(11_000);
  // One that has started, but gets no sandbox, and was never reported: nothing shows where it is.
  const isLost = ({ files, shown, sandbox, isOver }: RealPod) =>
    shown?.addresses.length === 0 && files && hasStarted(files) && !isUntouched(files) && !sandbox && !isOver;
  if (world.pods.some(isLost)) return;
  for (const pod of world.running) {
    if (pod.shown === undefined || !pod.files || !isUntouched(pod.files)) continue;
    const caller = scene.ask(pod);
    await scene.allAnswered();
    assert.equal((await caller).kind, 'workload', `${pod.folder}: ${JSON.stringify(await caller)}`);
    count.settled += 1;
  }
  assert.deepEqual(scene.wrong, []);
}

const RUNS = 500;

for (const canLie of [false, true]) {
  test(`no pod is taken for another${canLie ? ', even if pods write into their hosts files' : ''}`, async () => {
    await fc.assert(neverWrong(canLie), { numRuns: RUNS });
  });
}

test('the histories were worth it', () => {
  assert.ok(
    count.workload > RUNS / 4 && count.unclear > RUNS / 4 && count.settled > RUNS / 4,
    JSON.stringify(count),
  );
});
