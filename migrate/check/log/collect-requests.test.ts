import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import { collectRequests } from './collect-requests.ts';
import { type AddressedPod, createFindAsker } from './find-asker.ts';

const START = Date.parse('2026-11-30T01:00:00Z');
const at = (seconds: number) => START + seconds * 1_000;
const window = { fromMs: at(0), toMs: at(3_600) };

function pod(name: string, address: string, changes: Partial<AddressedPod> = {}): AddressedPod {
  return {
    pod: name,
    addresses: [address],
    isHostNetwork: false,
    startedMs: at(-1_000),
    endedMs: undefined,
    ...changes,
  };
}

function line(
  seconds: number,
  address: string,
  path = '/latest/meta-data/iam/security-credentials/r',
): string {
  return `${new Date(at(seconds)).toISOString()} level=info req.path=${path} req.remote=${address} res.status=200`;
}

const NODE = '10.0.0.1';
const pods = [
  pod('shop/old', '10.1.0.1'),
  pod('shop/first', '10.1.0.2', { startedMs: at(-500), endedMs: at(100) }),
  pod('shop/second', '10.1.0.2', { startedMs: at(200) }),
  pod('shop/twin-a', '10.1.0.3'),
  pod('shop/twin-b', '10.1.0.3'),
  pod('shop/ended', '10.1.0.4', { endedMs: undefined, startedMs: at(-900) }),
  pod('shop/heir', '10.1.0.4', { startedMs: at(300) }),
  pod('shop/young', '10.1.0.5', { startedMs: at(1_000) }),
  pod('shop/pending', '10.1.0.6', { startedMs: undefined }),
  pod('kube-system/host', NODE, { isHostNetwork: true }),
  pod('shop/dual', '10.1.0.7', { addresses: ['10.1.0.7', 'fd00::7'] }),
];
const findAsker = createFindAsker(pods, new Set([NODE]));

const CASES: readonly (readonly [name: string, seconds: number, address: string, asker: string])[] = [
  ['the pod that has it', 10, '10.1.0.1', 'shop/old'],
  ['the former pod of an address', 50, '10.1.0.2', 'shop/first'],
  ['the present pod of an address', 250, '10.1.0.2', 'shop/second'],
  ['between two pods', 150, '10.1.0.2', 'unknown'],
  ['two pods at a time', 10, '10.1.0.3', 'unknown'],
  ['the end of the former pod is not known', 400, '10.1.0.4', 'unknown'],
  ['that pod alone', 100, '10.1.0.4', 'shop/ended'],
  ['before the pod began: it was that of somebody who is gone', 500, '10.1.0.5', 'unknown'],
  ['a pod that has not begun', 500, '10.1.0.6', 'unknown'],
  ['nobody', 500, '10.1.0.99', 'unknown'],
  ['the node', 500, NODE, 'node'],
  ['the other family', 500, 'fd00::7', 'shop/dual'],
  ['the first moment', 0, '10.1.0.1', 'shop/old'],
  ['the last moment', 3_600, '10.1.0.1', 'shop/old'],
  ['before the time that is looked at', -1, '10.1.0.1', 'nobody'],
  ['after the pods were listed', 3_601, '10.1.0.1', 'nobody'],
];

for (const [name, seconds, address, expected] of CASES) {
  test(`the asker is found: ${name}`, () => {
    const collector = collectRequests('kube2iam', window, findAsker);
    const written = address.includes(':') ? `"${address}"` : address;
    collector.add(line(seconds, written));
    const { askers, nodeAsked, unknown } = collector.result();
    const found = [...askers.keys(), ...(nodeAsked ? ['node'] : []), ...(unknown ? ['unknown'] : [])];
    assert.deepEqual(found, expected === 'nobody' ? [] : [expected]);
  });
}

test('the last time of each kind of request is kept', () => {
  const collector = collectRequests('kube2iam', window, findAsker);
  for (const seconds of [30, 90, 60]) collector.add(line(seconds, '10.1.0.1'));
  collector.add(line(120, '10.1.0.1', '/latest/meta-data/placement/region'));
  collector.add(line(10, '10.1.0.1').replace('=200', '=404'));
  const expected = { credentialsMs: at(90), metadataMs: at(120), refusedMs: at(10) };
  assert.deepEqual(collector.result().askers.get('shop/old'), expected);
});

test('roles of unknown addresses are kept up to a limit, and only if they can be roles', () => {
  const collector = collectRequests('kube2iam', window, findAsker);
  const path = (role: string) => `/latest/meta-data/iam/security-credentials/${role}`;
  collector.add(line(1, '10.9.9.9', path('')));
  assert.deepEqual(collector.result().unknown?.roles, []);
  for (let role = 0; role < 1_000; role += 1) collector.add(line(1, '10.9.9.9', path(`r${role}`)));
  assert.equal(collector.result().unknown?.roles.length, 201);
  const hostile = collectRequests('kube2iam', window, findAsker);
  hostile.add(line(1, '10.9.9.9', `"${path('\\x1b[2J <script>')}"`));
  assert.deepEqual(hostile.result().unknown?.roles, ['']);
});

test('an address that very many pods had has no pod', async () => {
  const many = Array.from({ length: 65 }, (_, n) =>
    pod(`shop/p${n}`, '10.1.0.1', { startedMs: at(n), endedMs: at(n) }),
  );
  assert.equal(createFindAsker(many, new Set())('10.1.0.1', at(3)), undefined);
  assert.deepEqual(createFindAsker(many.slice(1), new Set())('10.1.0.1', at(3)), { pod: 'shop/p3' });
});

test('a log is linear work, also with the address of very many pods', async () => {
  await assertLinear((size) => {
    const crowd = Array.from({ length: size }, (_, n) =>
      pod(`shop/p${n}`, '10.1.0.1', { startedMs: at(n), endedMs: at(n) }),
    );
    const collector = collectRequests('kube2iam', window, createFindAsker(crowd, new Set()));
    const lines = Array.from({ length: size }, (_, n) => line(n % 3_600, '10.1.0.1'));
    return () => {
      for (const each of lines) collector.add(each);
    };
  });
});
