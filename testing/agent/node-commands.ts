import fc from 'fast-check';
import type { NodeScene } from './node-scene.ts';
import { ADDRESSES, type NodeWorld, type PodKind, type RealPod } from './node-world.ts';

/** Something that happens on the node or around it. */
export type NodeCommand = fc.AsyncCommand<NodeWorld, NodeScene>;

/** State that a command may look at before it is run. */
type NodeState = Pick<NodeWorld, 'pods' | 'free' | 'running'>;

/** Picks one of the pods to which something can happen. */
type PickPod = (world: NodeState) => RealPod | undefined;

function toPod(
  name: string,
  index: number,
  can: (pod: RealPod, world: NodeState) => unknown,
  happen: (pod: RealPod, world: NodeWorld) => void,
): NodeCommand {
  const pick: PickPod = (world) => {
    const able = world.pods.filter((pod) => can(pod, world));
    return able[index % Math.max(1, able.length)];
  };
  return {
    check: (world) => pick(world) !== undefined,
    run: async (world, scene) => {
      const pod = pick(world);
      if (pod) happen(pod, world);
      await scene.pass(1);
    },
    toString: () => `${name} ${index}`,
  };
}

function happen(
  name: string,
  act: (world: NodeWorld, scene: NodeScene) => void | Promise<void>,
): NodeCommand {
  return {
    check: () => true,
    run: async (world, scene) => {
      await act(world, scene);
      await scene.pass(1);
    },
    toString: () => name,
  };
}

const isWanted = (pod: RealPod) =>
  !pod.isOver && pod.kind !== 'host network' && (pod.shown !== undefined || pod.kind === 'static');

/** A pod that runs from the first moment; it is what most histories are about. */
function launch(kind: PodKind, index: number): NodeCommand {
  return happen(`launch ${kind} ${index}`, (world) => {
    const address = world.free[index % Math.max(1, world.free.length)];
    if (!address || world.pods.length > 6) return;
    const pod = world.bind(kind);
    world.makeSandbox(pod, address);
    world.start(pod);
  });
}

const BY_INDEX: Readonly<Record<string, (index: number) => NodeCommand>> = {
  sandbox: (index) =>
    toPod(
      'sandbox',
      index,
      (pod, world) => isWanted(pod) && !pod.sandbox && world.free.length > 0,
      (pod, world) => world.makeSandbox(pod, world.free[index % world.free.length] ?? ''),
    ),
  start: (index) =>
    toPod(
      'start',
      index,
      (pod) => isWanted(pod) && pod.sandbox,
      (pod, world) => world.start(pod),
    ),
  exit: (index) =>
    toPod(
      'exit',
      index,
      (pod) => pod.isRunning,
      (pod) => {
        pod.isRunning = false;
      },
    ),
  kill: (index) =>
    toPod(
      'kill',
      index,
      (pod) => pod.sandbox,
      (pod, world) => world.loseSandbox(pod),
    ),
  report: (index) =>
    toPod(
      'report',
      index,
      (pod) => pod.shown,
      (pod, world) => world.report(pod),
    ),
  finish: (index) =>
    toPod(
      'finish',
      index,
      (pod) => pod.sandbox && pod.kind !== 'static',
      (pod, world) => {
        pod.isOver = true;
        world.loseSandbox(pod);
      },
    ),
  delete: (index) =>
    toPod(
      'delete',
      index,
      (pod) => pod.shown && !pod.shown.isEnding,
      (pod) => {
        if (pod.shown) pod.shown = { ...pod.shown, isEnding: true };
      },
    ),
  end: (index) =>
    toPod(
      'end',
      index,
      (pod) => pod.shown?.isEnding,
      (pod, world) => {
        pod.isOver = true;
        world.loseSandbox(pod);
      },
    ),
  remove: (index) =>
    toPod(
      'remove',
      index,
      (pod) => pod.isOver && pod.shown,
      (pod) => {
        pod.shown = undefined;
      },
    ),
  force: (index) =>
    toPod(
      'force',
      index,
      (pod) => pod.shown && pod.kind !== 'static',
      (pod) => {
        pod.shown = undefined;
      },
    ),
  cleanUp: (index) =>
    toPod(
      'clean up',
      index,
      (pod) => !pod.shown && !pod.sandbox && pod.kind !== 'static',
      (pod) => {
        pod.isOver = true;
        pod.files = undefined;
      },
    ),
  mirror: (index) =>
    toPod(
      'mirror',
      index,
      (pod) => pod.kind === 'static' && !pod.shown,
      (pod, world) => world.mirror(pod),
    ),
};

const ASK = (index: number): NodeCommand => ({
  check: (world) => world.running.length > 0,
  run: async (world, scene) => {
    const pod = world.running[index % world.running.length];
    if (pod) scene.ask(pod);
    await scene.pass(1);
  },
  toString: () => `ask ${index}`,
});

const LIE = (index: number, address: string | undefined) =>
  toPod(
    `lie ${address}`,
    index,
    (pod) => pod.isRunning && pod.files?.hosts,
    (pod, world) => world.lie(pod, address === undefined ? [] : [address]),
  );

interface Successor {
  readonly kind: PodKind;
  readonly hides: boolean;
  readonly isForced: boolean;
  readonly hasFalseMirror: boolean;
}

/** A pod loses its sandbox before kubelet reports that, and a new one has its address at once, and asks. */
function succeed({ kind, hides, isForced, hasFalseMirror }: Successor, index: number): NodeCommand {
  const canSucceed = ({ shown, sandbox }: RealPod) =>
    shown?.isRunning && sandbox && shown.addresses.includes(sandbox.address);
  return {
    check: (world) => world.pods.length < 7 && world.pods.some(canSucceed),
    run: async (world, scene) => {
      const able = world.pods.filter(canSucceed);
      const former = able[index % able.length];
      const address = former?.sandbox?.address;
      if (!former || address === undefined) return;
      world.loseSandbox(former);
      await scene.pass(1);
      const pod = world.bind(kind);
      world.makeSandbox(pod, address);
      world.start(pod);
      await scene.pass(1);
      if (hides) world.lie(pod, []);
      if (isForced) pod.shown = undefined;
      if (hasFalseMirror) world.mirrorFalsely(pod, true);
      void scene.ask(pod);
      await scene.pass(1);
    },
    toString: () => `succeed ${kind} ${hides} ${isForced} ${hasFalseMirror} ${index}`,
  };
}

const HIDE: Readonly<Record<string, (index: number) => NodeCommand>> = {
  force: (index) =>
    toPod(
      'hide and force',
      index,
      (pod) => pod.isRunning && pod.shown && pod.kind !== 'static',
      (pod, world) => {
        world.lie(pod, []);
        pod.shown = undefined;
      },
    ),
  mirror: (index) =>
    toPod(
      'mirror falsely',
      index,
      (pod) => pod.isRunning,
      (pod, world) => world.mirrorFalsely(pod, index > 0),
    ),
};

const index = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) });
const podKind = fc.constantFrom<PodKind>('plain', 'plain', 'plain', 'own hosts', 'static');

/** Everything that can happen; `canLie`: containers also write into their hosts files. */
export function nodeCommands(canLie: boolean) {
  const byName = (name: string) => [BY_INDEX[name]].flatMap((make) => (make ? [index.map(make)] : []));
  const byIndex = Object.values(BY_INDEX).map((make) => index.map(make));
  const lie = canLie ? fc.boolean() : fc.constant(false);
  const lies = fc.tuple(index, fc.option(fc.constantFrom(...ADDRESSES), { nil: undefined }));
  return fc.commands(
    [
      ...byIndex,
      fc.tuple(podKind, index).map(([which, at]) => launch(which, at)),
      fc.constantFrom(0, 0, 1).map((at) => launch('plain', at)),
      fc.constant(launch('plain', 0)),
      fc.constant(launch('static', 0)),
      fc
        .oneof(podKind, fc.constant<PodKind>('host network'))
        .map((which) =>
          happen(`bind ${which}`, (world) => void (world.pods.length < 6 && world.bind(which))),
        ),
      // What most of the dangerous histories have in common.
      fc
        .record({ kind: podKind, hides: lie, isForced: fc.boolean(), hasFalseMirror: lie })
        .chain((successor) => index.map((at) => succeed(successor, at))),
      ...['report', 'kill', 'force'].flatMap((often) => byName(often)),
      ...Array.from({ length: 3 }, () => index.map(ASK)),
      ...(canLie ? [lies.map(([at, address]) => LIE(at, address))] : []),
      ...(canLie ? Object.values(HIDE).map((make) => index.map(make)) : []),
      ...Array.from({ length: 2 }, () => fc.constant(happen('watch', (_, scene) => scene.deliver()))),
      fc.nat(400).map((ms) => happen(`pass ${ms}`, (_, scene) => scene.pass(ms))),
      fc.constantFrom(0, 0, 30, 500, 'down' as const).map((api) =>
        happen(`api ${api}`, (_, scene) => {
          scene.api = api;
        }),
      ),
      fc.constant(
        happen('reboot', (world, scene) => {
          world.reboot();
          scene.restartAgent();
        }),
      ),
      fc.constant(happen('agent restarts', (_, scene) => scene.restartAgent())),
    ],
    { maxCommands: 40, size: 'max' },
  );
}
