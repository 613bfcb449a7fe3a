import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeScene, type Sight } from '../../testing/agent/node-scene.ts';
import { ADDRESSES, NodeWorld, type PodKind, type RealPod } from '../../testing/agent/node-world.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { NodePod } from '../pods/node-pod.ts';
import type { PodFolder, PodFolders } from './witness/pod-folder.ts';

const [FIRST = '', SECOND = ''] = ADDRESSES;

/** Events on the node, one step after the other. */
interface Story {
  readonly world: NodeWorld;
  readonly scene: NodeScene;
  readonly launch: (kind: PodKind, address: string) => Promise<RealPod>;
  /** The pod asks, and gets its answer. */
  readonly known: (pod: RealPod) => Promise<void>;
  /** Starts the pod in another sandbox. */
  readonly moves: (pod: RealPod, address: string) => Promise<void>;
}

/** A pod with an address that it has, and that the API server knows. */
async function reported({ world, launch }: Story, address: string): Promise<RealPod> {
  const pod = await launch('plain', address);
  world.report(pod);
  return pod;
}

/** Hosts files that agree with the API server. */
function agreeing(folders: PodFolders, shown: readonly NodePod[]): PodFolders {
  const byFolder = new Map(shown.map((pod) => [pod.folder, pod.addresses]));
  return mapFolders(folders, ({ hosts, createdMs }, name) => ({
    hosts: hosts && { ...hosts, addresses: byFolder.get(name) ?? [] },
    createdMs,
  }));
}

function listed(folders: PodFolders, shown: readonly NodePod[]): PodFolders {
  const names = new Set(shown.map(({ folder }) => folder));
  return new Map([...folders].filter(([name]) => names.has(name)));
}

/** Returns a change that empties the folders of mirrors. */
function withoutMirrors(shown: readonly NodePod[]) {
  const mirrored = new Set(shown.flatMap(({ isMirror, folder }) => (isMirror ? [folder] : [])));
  const empty: PodFolder = { hosts: undefined, createdMs: undefined };
  return (folder: PodFolder, name: string): PodFolder => (mirrored.has(name) ? empty : folder);
}

/** Folders in which each hosts file looks as if kubelet had written it. */
function trusting(folders: PodFolders): PodFolders {
  return mapFolders(folders, ({ hosts, createdMs }) => ({
    hosts,
    createdMs: createdMs === undefined ? undefined : Math.max(createdMs, hosts?.changedMs ?? 0),
  }));
}

function mapFolders(folders: PodFolders, change: (folder: PodFolder, name: string) => PodFolder): PodFolders {
  return new Map([...folders].map(([name, folder]) => [name, change(folder, name)]));
}

/** Histories in which the finder needs one of its witnesses: without it, one pod is taken for another. */
const HISTORIES: [
  witness: string,
  without: Sight,
  options: { readonly hasDerivedMacs?: boolean; readonly reportsLate?: boolean },
  /** Returns the pod that asks in the end. */
  happens: (story: Story) => Promise<RealPod>,
][] = [
  [
    'a list that begins after the connection: a pod hides that it has another sandbox',
    { pods: (_, { watched }) => watched },
    {},
    async (story) => {
      const former = await reported(story, FIRST);
      const asks = await reported(story, SECOND);
      story.scene.deliver();
      story.world.loseSandbox(former);
      await story.moves(asks, FIRST);
      story.world.lie(asks, []);
      return asks;
    },
  ],
  [
    'hosts files: the API server still shows the former pod',
    { folders: (folders, { shown }) => agreeing(folders, shown) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      return story.launch('plain', FIRST);
    },
  ],
  [
    'folders that the API server does not show: a static pod',
    { folders: (folders, { shown }) => listed(folders, shown) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      return story.launch('static', FIRST);
    },
  ],
  [
    'folders that the API server does not show: a pod that was removed by force',
    { folders: (folders, { shown }) => listed(folders, shown) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      const asks = await story.launch('plain', FIRST);
      asks.shown = undefined;
      return asks;
    },
  ],
  [
    'folders that the API server does not show: a pod with hosts of its own that was removed by force',
    { folders: (folders, { shown }) => listed(folders, shown) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      const asks = await story.launch('own hosts', FIRST);
      asks.shown = undefined;
      return asks;
    },
  ],
  [
    'folders that the API server does not show: a pod that hides its address, and is removed by force',
    { folders: (folders, { shown }) => listed(folders, shown) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      const asks = await story.launch('plain', FIRST);
      story.world.lie(asks, []);
      asks.shown = undefined;
      return asks;
    },
  ],
  [
    'folders that the API server does not show: one that a false mirror hides',
    { folders: (folders, { shown }) => mapFolders(folders, withoutMirrors(shown)) },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      const asks = await story.launch('static', FIRST);
      story.world.lie(asks, []);
      story.world.mirror(asks);
      if (asks.shown) asks.shown = { ...asks.shown, isHostNetwork: true };
      return asks;
    },
  ],
  [
    'running containers: two sandboxes are replaced, and a pod hides its address',
    { pods: (pods) => pods.map((pod) => ({ ...pod, isRunning: true })) },
    {},
    async (story) => {
      const former = await reported(story, FIRST);
      const asks = await reported(story, SECOND);
      story.world.loseSandbox(former);
      await story.moves(asks, FIRST);
      story.world.lie(asks, []);
      return asks;
    },
  ],
  [
    'times of creation: the new pod empties its hosts file',
    { folders: trusting },
    {},
    async (story) => {
      story.world.loseSandbox(await reported(story, FIRST));
      const asks = await story.launch('plain', FIRST);
      story.world.lie(asks, []);
      return asks;
    },
  ],
  [
    'times of creation: a pod claims its former address, to give its role to the successor',
    { folders: trusting },
    { reportsLate: true },
    async (story) => {
      const former = await reported(story, FIRST);
      story.world.loseSandbox(former);
      const asks = await story.launch('plain', FIRST);
      await story.moves(former, SECOND);
      story.world.lie(former, [FIRST]);
      return asks;
    },
  ],
  [
    'the boot: addresses are others, the API server shows the former ones',
    { forgetsBoot: true },
    { reportsLate: true },
    async (story) => {
      await reported(story, FIRST);
      const asks = await reported(story, SECOND);
      story.world.reboot();
      story.scene.restartAgent();
      await story.moves(asks, FIRST);
      story.world.lie(asks, []);
      return asks;
    },
  ],
  [
    'whether a MAC is derived from the address',
    { link: (link) => ({ ...link, isWitness: true }) },
    { hasDerivedMacs: true },
    async (story) => {
      const former = await reported(story, FIRST);
      story.scene.deliver();
      await story.known(former);
      story.world.loseSandbox(former);
      return story.launch('plain', FIRST);
    },
  ],
  [
    'links: kubelet reports late, and a pod hides its address',
    { link: (link) => ({ ...link, isWitness: false }) },
    { reportsLate: true },
    async (story) => {
      const former = await reported(story, FIRST);
      story.scene.deliver();
      await story.known(former);
      const asks = await reported(story, SECOND);
      story.world.loseSandbox(former);
      await story.moves(asks, FIRST);
      story.world.lie(asks, []);
      return asks;
    },
  ],
];

for (const [witness, without, options, happens] of HISTORIES) {
  test(`needed: ${witness}`, async () => {
    assert.deepEqual(await wrongIn(happens, options, {}), []);
    assert.equal(
      (await wrongIn(happens, options, without)).length,
      1,
      'without it, a pod is taken for another',
    );
  });
}

async function wrongIn(
  happens: (story: Story) => Promise<RealPod>,
  options: (typeof HISTORIES)[number][2],
  sight: Sight,
): Promise<readonly string[]> {
  const time = createVirtualTime();
  const world = new NodeWorld(time, { hasDerivedMacs: false, reportsLate: false, ...options });
  const scene = new NodeScene(time, world, sight);
  const step = async () => scene.pass(1);
  const story: Story = {
    world,
    scene,
    launch: async (kind, address) => {
      await step();
      const pod = world.bind(kind);
      world.makeSandbox(pod, address);
      world.start(pod);
      await step();
      return pod;
    },
    known: async (pod) => {
      void scene.ask(pod);
      await scene.pass(3_000);
      assert.equal(scene.verdicts.workload, 1);
    },
    moves: async (pod, address) => {
      await step();
      world.loseSandbox(pod);
      world.makeSandbox(pod, address);
      world.start(pod);
      await step();
    },
  };
  void scene.ask(await happens(story));
  await scene.allAnswered();
  return scene.wrong;
}
