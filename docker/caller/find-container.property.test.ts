import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DockerScene, type Sight } from '../../testing/docker/docker-scene.ts';
import { DockerWorld, type WorldKind } from '../../testing/docker/docker-world.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { PortReader } from './bridge-port.ts';

/** Something that happens on the host: to a container, and sometimes to another one. */
interface Happening {
  readonly what:
    | 'start'
    | 'stop'
    | 'replace'
    | 'restart'
    | 'ask'
    | 'forge'
    | 'forge MAC'
    | 'events'
    | 'daemon';
  readonly one: number;
  readonly other: number;
  readonly ms: number;
}

const COUNT = 3;
const number = fc.nat({ max: COUNT - 1 });
const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom(
    'start',
    'stop',
    'replace',
    'restart',
    'ask',
    'ask',
    'ask',
    'forge',
    'forge MAC',
    'events',
    'daemon',
  ),
  one: number,
  other: number,
  ms: fc.constantFrom(0, 1, 3, 10, 100),
});

const count = { workload: 0, unclear: 0, stranger: 0, settled: 0 };

/** Property: whatever happens on the host, the finder names the caller or nobody. */
function neverWrong(sight?: Sight, kind?: WorldKind) {
  return fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 30 }), async (history) => {
    const time = createVirtualTime();
    const world = new DockerWorld(COUNT, kind);
    const scene = new DockerScene(time, world, sight);
    for (const each of history) await happens(each, world, scene);
    await scene.allAnswered();
    assert.deepEqual(scene.wrong, []);
    if (sight) return;
    await assertLive(world, scene);
    for (const kind of ['workload', 'unclear', 'stranger'] as const) count[kind] += scene.verdicts[kind];
  });
}

async function happens({ what, one, other, ms }: Happening, world: DockerWorld, scene: DockerScene) {
  const [container, another] = [world.containers[one], world.containers[other]];
  assert.ok(container && another);
  if (what === 'start') scene.happens(() => world.start(container));
  else if (what === 'stop') scene.happens(() => world.stop(container));
  else if (what === 'restart') {
    scene.happens(() => world.stop(container));
    world.start(container);
  } else if (what === 'replace') {
    // The address changes hands at once.
    scene.happens(() => {
      world.stop(container);
      world.start(another);
    });
  } else if (what === 'ask') {
    if (!container.life || world.thieves.has(container.life.address)) return;
    world.speak(container);
    void scene.ask(container);
  } else if (what === 'forge' || what === 'forge MAC') {
    if (!container.life || !another.life || container === another) return;
    const isHeard = world.forge(container, another.life, what === 'forge MAC');
    if (isHeard) void scene.ask(container, another.life.address);
  } else if (what === 'events') scene.deliver();
  else scene.daemon = scene.daemon === 'down' ? ms : 'down';
  await scene.pass(ms);
}

/** Checks that each container is certain once all is quiet. */
async function assertLive(world: DockerWorld, scene: DockerScene): Promise<void> {
  scene.daemon = 4;
  world.thieves.clear();
  scene.deliver();
  for (const container of world.containers) {
    if (!container.life) continue;
    world.speak(container);
    const caller = scene.ask(container);
    await scene.allAnswered();
    assert.equal((await caller).kind, 'workload', JSON.stringify(await caller));
    count.settled += 1;
  }
  assert.deepEqual(scene.wrong, []);
}

const RUNS = 500;

for (const kind of ['docker', 'podman'] as const) {
  test(`no container of ${kind} is taken for another`, async () => {
    Object.assign(count, { workload: 0, unclear: 0, settled: 0 });
    await fc.assert(neverWrong(undefined, kind), { numRuns: RUNS });
    assert.ok(Math.min(count.workload, count.unclear, count.settled) > RUNS / 4, JSON.stringify(count));
  });
}

/** Ports that are always those of the container that the daemon shows at an address. */
const trusting: Sight['ports'] = (_, world) => {
  const portOf = (mac: string) =>
    world.containers.find(({ life }) => life?.mac === mac)?.life?.port ?? world.ports.get(mac);
  return {
    portOf: (_bridge, mac) => portOf(mac),
    isBehind: ({ index }, _bridge, mac) => portOf(mac)?.index === index,
    interfacesOf: ({ id }) => {
      const life = world.containers.find((each) => each.id === id)?.life;
      return life && [life.port.peerIndex];
    },
  };
};

/** Namespace that is always that of the container that the daemon shows at an address. */
const trustingNamespace: Sight['namespace'] = (_, { index }, { ports, containers }) => {
  const [mac] = [...ports].find(([, port]) => port.index === index) ?? [];
  return containers.find(({ life }) => life?.mac === mac)?.life?.namespace;
};

const port = { device: 'veth0', index: 1, peerIndex: 1, isAmbiguous: false };
const anyPort: PortReader = { portOf: () => port, isBehind: () => true, interfacesOf: () => [1] };

/** The finder without one of its witnesses. */
const BLIND: [witness: string, Sight, kind?: WorldKind][] = [
  [
    'answers that show the present',
    {
      view: (_, before) => before,
      container: (_, before) => before,
      ports: () => ({ ...anyPort, isBehind: () => false }),
    },
  ],
  [
    'the MAC of the address',
    { neighbour: (real, address) => ({ ...real, mac: `02:42:${address}` }), ports: trusting },
  ],
  ['the port of the bridge', { ports: trusting }],
  ['the index of the port of a known container', { ports: (ports) => ({ ...ports, isBehind: () => true }) }],
  ['the namespace behind the port', { namespace: trustingNamespace }, 'podman'],
];

for (const [witness, sight, kind] of BLIND) {
  test(`without ${witness}, one container is taken for another`, async () => {
    const { failed, errorInstance } = await fc.check(neverWrong(sight, kind), {
      numRuns: 5_000,
      endOnFailure: true,
    });
    assert.ok(failed, 'the witness is not needed');
    assert.match(String(errorInstance), /was taken for/);
  });
}
