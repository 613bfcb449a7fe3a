import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Folders and files of this room, each before everything that may import it. */
const FLOORS = [
  'iam',
  'well-known',
  'settings.ts',
  'trust',
  'names.ts',
  'surroundings.ts',
  'ask',
  'find-issuer.ts',
  'with-iam-and-cluster.ts',
  'desired',
  'facts',
  'plan',
  'keep-annotated-roles.ts',
  'apply',
  'export',
  'restart',
  'list',
  'provider',
  'unbind',
  'run-bind.ts',
  'run-unbind.ts',
];

test('imports point from later floors to earlier ones, types included', () => {
  for (const path of globSync('bind/**/*.ts').filter((file) => !file.endsWith('.test.ts'))) {
    const floor = path.split('/')[1] ?? '';
    assert.ok(FLOORS.includes(floor), `${floor} has no place in the list`);
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const [, room, imported = ''] = new URL(target, `file:///${path}`).pathname.split('/');
      if (room !== 'bind' || imported === floor) continue;
      const points = FLOORS.indexOf(imported) < FLOORS.indexOf(floor);
      assert.ok(points, `${path} imports ${target}, which is on a later floor`);
    }
  }
});
