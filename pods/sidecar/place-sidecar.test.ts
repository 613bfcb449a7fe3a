import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeSidecar } from './place-sidecar.ts';

const NAME = 'podrole-sidecar';
const present = { name: NAME, image: 'podrole:2', resources: { requests: { memory: '32Mi' } } };
const wanted = { name: NAME, image: 'podrole:2', resources: {} };

for (const [where, isManifest, expected] of [
  ['a manifest loses a memory request that is no longer set', true, wanted],
  ['a pod keeps the one that a LimitRange may have added', false, present],
] as const) {
  test(where, () => {
    const { spec } = placeSidecar(
      { containers: [{ name: 'app' }, present] },
      { containers: { initContainers: [], containers: [wanted] }, owned: new Set([NAME]), isManifest },
    );
    assert.deepEqual(spec, { containers: [{ name: 'app' }, expected] });
  });
}
