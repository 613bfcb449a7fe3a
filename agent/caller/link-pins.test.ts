import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../lib/network/links.ts';
import { samplePod } from '../../testing/agent/sample-pod.ts';
import { createLinkPins } from './link-pins.ts';

const LINK: Link = { device: 'cni0', mac: '02:00:00:00:00:07', port: 3, isWitness: true, beside: [] };
const PIN = { address: '10.0.0.1', link: LINK, pod: samplePod('web'), createdMs: 1_000, nowMs: 2_000 };

test('another device, MAC or port is another link', () => {
  const pins = createLinkPins();
  assert.equal(pins.pin(PIN), undefined);
  assert.equal(pins.uidAt('10.0.0.1', { ...LINK }), 'uid-web');
  assert.equal(pins.uidAt('10.0.0.2', LINK), undefined);
  const others: Partial<Link>[] = [{ device: 'cni1' }, { mac: '02:00:00:00:00:08' }, { port: 4 }];
  for (const other of others) {
    assert.equal(pins.uidAt('10.0.0.1', { ...LINK, ...other }), undefined, JSON.stringify(other));
    assert.match(String(pins.pin({ ...PIN, link: { ...LINK, ...other } })), /has not started again/);
  }
  const moved = { ...PIN, link: { ...LINK, ...others[1] }, createdMs: 2_001 };
  assert.equal(pins.pin(moved), undefined, 'it has started since');
  assert.equal(pins.uidAt('10.0.0.1', moved.link), 'uid-web');
});

test('a pod that is gone has no pins', () => {
  const pins = createLinkPins();
  pins.pin(PIN);
  pins.pin({ ...PIN, address: '10.0.0.2', pod: samplePod('other') });
  pins.forget('uid-web');
  assert.equal(pins.uidAt('10.0.0.1', LINK), undefined);
  assert.equal(pins.uidAt('10.0.0.2', LINK), 'uid-other');
});
