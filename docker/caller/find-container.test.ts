import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerScene } from '../../testing/docker/docker-scene.ts';
import { DockerWorld, NETWORK } from '../../testing/docker/docker-world.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';

function hostWithOne() {
  const world = new DockerWorld(2);
  const [one, two] = world.containers;
  assert.ok(one && two);
  world.start(one);
  world.speak(one);
  return { world, one, two, scene: new DockerScene(createVirtualTime(), world) };
}

test('connections at the same time share questions, and a known port needs none', async () => {
  const { one, scene } = hostWithOne();
  scene.deliver();
  const asked = Array.from({ length: 50 }, () => scene.ask(one));
  await scene.pass(50);
  for (const caller of await Promise.all(asked)) assert.equal(caller.kind, 'workload');
  assert.equal(scene.questions, 3, 'networks, endpoints, container');
  scene.daemon = 'down';
  const again = scene.ask(one);
  await scene.pass(1);
  assert.equal((await again).kind, 'workload');
  assert.equal(scene.questions, 3);
});

test('the namespace behind a port is asked for only if its index does not say whose it is', async () => {
  const { one, scene } = hostWithOne();
  void scene.ask(one);
  await scene.allAnswered();
  assert.equal(scene.namespaces, 0, 'Docker');

  const world = new DockerWorld(2, 'podman');
  const podman = new DockerScene(createVirtualTime(), world);
  const [victim, thief] = world.containers;
  assert.ok(victim && thief);
  for (const each of [victim, thief]) {
    world.start(each);
    world.speak(each);
  }
  podman.deliver();
  for (const each of [victim, thief, victim, thief]) {
    const asked = podman.ask(each);
    await podman.pass(50);
    assert.equal((await asked).kind, 'workload');
  }
  assert.equal(podman.namespaces, 2, 'once each');
  assert.ok(victim.life);
  world.forge(thief, victim.life, true);
  const forged = podman.ask(thief, victim.life.address);
  await podman.pass(2_500);
  assert.deepEqual(await forged, {
    kind: 'unclear',
    reason: 'the address comes from another port of the bridge than that of container id-0',
  });
});

test('a new start of the container is a new port: the daemon is asked', async () => {
  const { world, one, scene } = hostWithOne();
  scene.deliver();
  const first = scene.ask(one);
  await scene.pass(50);
  assert.equal((await first).kind, 'workload');
  world.stop(one);
  world.start(one);
  world.speak(one);
  const second = scene.ask(one);
  await scene.pass(50);
  assert.equal((await second).kind, 'workload');
  assert.equal(scene.questions, 5, 'endpoints and container once more');
});

test('a caller that does not get certain is refused with the reason, in time', async () => {
  const { world, one, two, scene } = hostWithOne();
  world.start(two);
  assert.ok(one.life);
  world.forge(two, one.life, true);
  const forged = scene.ask(two, one.life.address);
  await scene.pass(2_500);
  assert.deepEqual(await forged, {
    kind: 'unclear',
    reason: 'the address comes from another port of the bridge than that of container id-0',
  });
  const unknown = scene.ask(two, '10.9.0.99');
  await scene.pass(2_500);
  assert.deepEqual(await unknown, {
    kind: 'unclear',
    reason: 'the kernel of the host knows no link of the address',
  });
  world.neighbours.set('192.0.2.1', { device: 'eth0', mac: '02:00:00:00:00:01' });
  const outside = scene.ask(two, '192.0.2.1');
  await scene.pass(50);
  assert.equal((await outside).kind, 'stranger');
  scene.daemon = 'down';
  const silent = scene.ask(one);
  await scene.pass(2_500);
  assert.deepEqual(await silent, { kind: 'unclear', reason: 'no answer' });
});

test('who takes all addresses of the network with raw packets does not take the places of the others', async () => {
  const { world, one, two, scene } = hostWithOne();
  world.start(two);
  world.speak(two);
  const mac = two.life?.mac ?? '';
  const addresses = Array.from({ length: 200 }, (_, at) => `10.9.1.${at}`);
  for (const address of addresses) world.neighbours.set(address, { device: NETWORK.bridge, mac });
  const taken = addresses.map((address) => scene.ask(two, address));
  const own = scene.ask(one);
  await scene.pass(2_500);
  const reasons = (await Promise.all(taken)).map((caller) => 'reason' in caller && caller.reason);
  assert.equal(reasons.filter((reason) => reason === 'too many connections wait for an answer').length, 136);
  assert.equal((await own).kind, 'workload');
});
