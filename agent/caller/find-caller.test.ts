import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../lib/network/links.ts';
import { NodeScene } from '../../testing/agent/node-scene.ts';
import { NodeWorld, type RealPod } from '../../testing/agent/node-world.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { NodePod } from '../pods/node-pod.ts';
import type { Snapshot } from '../pods/node-pods.ts';
import { createCallerFinder, type Found } from './find-caller.ts';

function nodeWithOnePod(hasDerivedMacs = true) {
  const time = createVirtualTime();
  const world = new NodeWorld(time, { hasDerivedMacs, reportsLate: false });
  const pod = world.bind('plain');
  world.makeSandbox(pod, '10.0.0.1');
  world.start(pod);
  return { time, world, pod, scene: new NodeScene(time, world) };
}

/** Finder with counted lists. */
function finderOf({ time, world }: ReturnType<typeof nodeWithOnePod>, link?: Partial<Link>, delayMs = 0) {
  const count = { lists: 0, folders: 0 };
  const found: Found[] = [];
  const finder = createCallerFinder({
    pods: {
      byUid: (uid) => world.shown.find((pod) => pod.uid === uid),
      listNow: async (): Promise<Snapshot> => {
        count.lists += 1;
        const begunAtMs = time.clock().monotonicMs();
        await new Promise<void>((resolve) => time.clock().after(delayMs, resolve));
        return { begunAtMs, pods: world.shown };
      },
      onGone: () => {},
      onChange: () => () => {},
    },
    readFolders: () => {
      count.folders += 1;
      return world.folders;
    },
    findLink: (address) => {
      const real = world.linkOf(address);
      return real && { ...real, ...link };
    },
    bootedMs: () => world.bootedMs,
    clock: time.clock(),
    onVerdict: (verdict) => found.push(verdict),
  });
  const ask = async (address: string, signal = new AbortController().signal) => {
    const caller = finder.find({ address, acceptedAtMs: time.clock().monotonicMs() }, signal);
    await time.pass(4_000);
    return caller;
  };
  return { finder, ask, count, found };
}

test('a pod that kubelet has not reported yet is found as soon as the watch shows it', async () => {
  const { time, world, pod, scene } = nodeWithOnePod();
  const asked = scene.ask(pod);
  await time.pass(300);
  world.report(pod);
  scene.deliver();
  await time.pass(1);
  assert.equal((await asked).kind, 'workload');
});

test('after some seconds the answer is that it is unclear, with the reason', async () => {
  const cases: [
    name: string,
    prepare: (scene: NodeScene, world: NodeWorld, pod: RealPod) => void,
    reason: RegExp,
  ][] = [
    ['not reported', () => {}, /^kubelet has not reported the address of pod shop\/pod-1$/],
    [
      'no container runs',
      (_, world, pod) => {
        world.report(pod);
        if (pod.shown) pod.shown = { ...pod.shown, isRunning: false };
      },
      /shows no running container of pod shop\/pod-1/,
    ],
    [
      'the API server is down',
      (scene) => {
        scene.api = 'down';
      },
      /^no answer$/,
    ],
    [
      'another pod claims the address',
      (_, world, pod) => {
        world.report(pod);
        const other = world.bind('plain');
        world.makeSandbox(other, '10.0.0.2');
        world.start(other);
        world.report(other);
        if (other.shown) other.shown = { ...other.shown, startedMs: 0 };
        world.lie(other, ['10.0.0.1']);
      },
      /^pod shop\/pod-2 may have the address as well$/,
    ],
    [
      'removed by force',
      (_, _world, pod) => {
        pod.shown = undefined;
      },
      /API server does not show pod pod-1, which may have the address/,
    ],
  ];
  for (const [name, prepare, reason] of cases) {
    const { time, world, pod, scene } = nodeWithOnePod();
    prepare(scene, world, pod);
    const asked = scene.ask(pod);
    await time.pass(2_600);
    const caller = await asked;
    assert.equal(caller.kind, 'unclear', name);
    assert.match('reason' in caller ? caller.reason : '', reason, name);
  }
});

test('a pod that claims the address of another one holds up nobody once it is reported', async () => {
  const cases: [name: string, changed: Partial<NodePod>, waitMs: number, kind: string][] = [
    ['reported', {}, 0, 'workload'],
    ['not reported yet', { addresses: [], isRunning: false, startedMs: 0 }, 0, 'unclear'],
    ['it has just crashed', { isRunning: false }, 0, 'unclear'],
    ['it has crashed, and kubelet waits with the next start', { isRunning: false }, 11_000, 'workload'],
  ];
  for (const [name, changed, waitMs, kind] of cases) {
    const scene = nodeWithOnePod();
    const { world, time } = scene;
    await time.pass(10);
    const hostile = world.bind('plain');
    world.makeSandbox(hostile, '10.0.0.2');
    world.start(hostile);
    for (const pod of [scene.pod, hostile]) world.report(pod);
    showAs(hostile, changed);
    await time.pass(10);
    world.lie(hostile, ['10.0.0.1']);
    await time.pass(waitMs);
    assert.equal((await finderOf(scene).ask('10.0.0.1')).kind, kind, name);
  }
});

function showAs(pod: RealPod, changed: Partial<NodePod>): void {
  if (pod.shown) pod.shown = { ...pod.shown, ...changed };
}

test('who calls his pod the mirror of another one holds up nobody', async () => {
  const scene = nodeWithOnePod();
  scene.world.report(scene.pod);
  const other = scene.world.bind('static');
  scene.world.mirror(other);
  if (other.shown) other.shown = { ...other.shown, folder: scene.pod.folder };
  const caller = await finderOf(scene).ask('10.0.0.1');
  assert.equal('workload' in caller && caller.workload.uid, scene.pod.folder);
});

test('who has no address of a pod is a stranger, after one list', async () => {
  const { ask, count, found } = finderOf(nodeWithOnePod());
  assert.equal((await ask('10.0.0.3')).kind, 'stranger');
  assert.deepEqual([count, found[0]?.kind], [{ lists: 1, folders: 1 }, 'stranger']);
});

test('the same link needs no list, until the pod ends', async () => {
  const scene = nodeWithOnePod(false);
  const { ask, count, found } = finderOf(scene);
  scene.world.report(scene.pod);
  for (let times = 0; times < 3; times += 1) assert.equal((await ask('10.0.0.1')).kind, 'workload');
  assert.equal(count.lists, 1);
  assert.deepEqual(
    found.map(({ by }) => by),
    ['list', 'link', 'link'],
  );
  showAs(scene.pod, { isEnding: true });
  assert.equal((await ask('10.0.0.1')).kind, 'workload');
  assert.equal(count.lists, 2);
  showAs(scene.pod, { isEnding: false, addresses: ['10.0.0.2'] });
  assert.equal((await ask('10.0.0.1')).kind, 'unclear', 'it has another address now');
});

test('a link that contradicts the pod', async () => {
  const cases: [name: string, link: Partial<Link>, kind: string][] = [
    ['a device named after it', { device: 'cali6ff304f74bc' }, 'workload'],
    ['a device named after no pod', { device: 'cali00000000000' }, 'workload'],
    ['a device named after another', { device: 'enibd3ac2fa04b' }, 'unclear'],
    ['a port that it shares with another', { beside: ['10.0.0.2'] }, 'unclear'],
    ['a port that it shares with nobody known', { beside: ['10.0.0.9'] }, 'workload'],
  ];
  for (const [name, link, kind] of cases) {
    const scene = nodeWithOnePod();
    const other = scene.world.bind('plain');
    scene.world.makeSandbox(other, '10.0.0.2');
    scene.world.start(other);
    for (const pod of [scene.pod, other]) scene.world.report(pod);
    assert.equal((await finderOf(scene, link).ask('10.0.0.1')).kind, kind, name);
  }
});

test('a device that is named after the pod clears a rival that is not reported', async () => {
  const cases: [device: string, kind: string][] = [
    ['cali6ff304f74bc', 'workload'],
    ['cali00000000000', 'unclear'],
    ['cni0', 'unclear'],
  ];
  for (const [device, kind] of cases) {
    const scene = nodeWithOnePod();
    scene.world.report(scene.pod);
    const other = scene.world.bind('own hosts');
    scene.world.makeSandbox(other, '10.0.0.2');
    scene.world.start(other);
    assert.equal((await finderOf(scene, { device }).ask('10.0.0.1')).kind, kind, device);
  }
});

test('a link that another address has too is not a witness any more', async () => {
  const scene = nodeWithOnePod(false);
  scene.world.report(scene.pod);
  const link = { isWitness: true };
  const { ask, count } = finderOf(scene, link);
  for (let times = 0; times < 2; times += 1) assert.equal((await ask('10.0.0.1')).kind, 'workload');
  assert.equal(count.lists, 1);
  link.isWitness = false;
  assert.equal((await ask('10.0.0.1')).kind, 'workload');
  assert.equal(count.lists, 2);
});

test('10,000 connections of one address cause few lists, and most are refused at once', async () => {
  const scene = nodeWithOnePod();
  const { finder, count, found } = finderOf(scene, {}, 20);
  const { signal } = new AbortController();
  const asked = Array.from({ length: 10_000 }, () =>
    finder.find({ address: '10.0.0.1', acceptedAtMs: 0 }, signal),
  );
  await scene.time.pass(3_000);
  await Promise.all(asked);
  assert.equal(found.filter(({ by }) => by === 'crowded').length, 10_000 - 64);
  assert.ok(count.lists <= 64 * 40, `${count.lists} lists, which the pods would share`);
  scene.world.report(scene.pod);
  const again = finder.find({ address: '10.0.0.1', acceptedAtMs: 3_000 }, signal);
  await scene.time.pass(100);
  assert.equal((await again).kind, 'workload', 'they have left');
});

test('a connection that is closed ends the wait', async () => {
  const scene = nodeWithOnePod();
  const closing = new AbortController();
  const { finder } = finderOf(scene);
  const asked = finder.find({ address: '10.0.0.1', acceptedAtMs: 0 }, closing.signal);
  await scene.time.pass(10);
  closing.abort();
  await scene.time.pass(0);
  assert.equal((await asked).kind, 'unclear');
});

test('a list from before the connection is never used', async () => {
  const { time, world, pod } = nodeWithOnePod();
  world.report(pod);
  const old = { begunAtMs: -1, pods: world.shown as readonly NodePod[] };
  const finder = createCallerFinder({
    pods: { byUid: () => undefined, listNow: async () => old, onGone: () => {}, onChange: () => () => {} },
    readFolders: () => world.folders,
    findLink: () => undefined,
    bootedMs: () => 0,
    clock: time.clock(),
  });
  const asked = finder.find({ address: '10.0.0.1', acceptedAtMs: 0 }, new AbortController().signal);
  await time.pass(3_000);
  assert.equal((await asked).kind, 'unclear');
});
