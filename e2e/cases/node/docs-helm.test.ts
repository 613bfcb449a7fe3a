import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { commandsOf, copyCheckout, runCommands } from '../../setup/install/page-commands.ts';
import { objectNames } from '../../setup/object-names.ts';
import { startPodroleNodes } from '../../setup/pods/podrole-nodes.ts';
import {
  createPodsSteadily,
  expectNoneMissed,
  prepareNamespaces,
  waitForPatches,
} from '../../setup/pods/steady-pods.ts';

/** The unchanged helm commands of the pages, on two real nodes. */
const cluster = await startPodroleNodes();
after(() => cluster.stop());
const checkout = await copyCheckout();
after(() => checkout.remove());
await prepareNamespaces(cluster);
const before = await objectNames(cluster);

test('docs/install.md: pods have their role', async (t) => {
  const began = performance.now();
  await follow('install.md');
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
  await waitForPatches(cluster);
});

test('docs/upgrade.md: no pod lacks its role during the upgrade', async (t) => {
  const pods = createPodsSteadily(cluster, t);
  await follow('upgrade.md');
  for (const line of await pods.stop()) t.diagnostic(line);
  expectNoneMissed(pods);
});

test('docs/uninstall.md leaves nothing behind', async () => {
  await follow('uninstall.md');
  const left = async () =>
    (await objectNames(cluster)).filter((name) => !before.includes(name) && !isPod(name));
  await waitFor(async () => (await left()).length === 0, 'a cluster as before').catch(async () => {
    assert.deepEqual(await left(), []);
  });
});

/** Pods that the test has created. */
function isPod(name: string): boolean {
  return name.startsWith('Pod ') && !name.startsWith('Pod podrole ');
}

async function follow(page: string): Promise<void> {
  const commands = await commandsOf(page, 'helm');
  assert.ok(commands.length > 0);
  const { code, stdout, stderr } = await runCommands(commands, {
    ...checkout,
    kubeconfig: cluster.kubeconfig,
  });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}
