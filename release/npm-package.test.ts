import assert from 'node:assert/strict';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { publishedPackage } from './npm-package.ts';

const REVISION = 'a'.repeat(40);
const COMMIT = { revision: REVISION, hasChanges: false };
const SOURCE = 'https://git.example.com/podrole';

test('the published package is not private, and installs and runs nothing but podrole', () => {
  const published = publishedPackage(packageJson, { ...COMMIT, source: SOURCE }, ['dist/man/podrole.1']);
  for (const name of ['private', 'dependencies', 'devDependencies', 'scripts', 'allowScripts'])
    assert.ok(!(name in published), name);
  for (const name of ['name', 'version', 'description', 'license', 'type', 'engines', 'bin'] as const)
    assert.deepEqual(published[name], packageJson[name], name);
  assert.deepEqual(published['man'], ['dist/man/podrole.1']);
});

test('it names its repository and commit', () => {
  const published = publishedPackage(packageJson, { ...COMMIT, source: SOURCE }, []);
  assert.deepEqual(published['repository'], { type: 'git', url: `git+${SOURCE}` });
  assert.equal(published['homepage'], SOURCE);
  assert.equal(published['gitHead'], REVISION);
  assert.ok(!('man' in published));
});

test('without SOURCE it invents no repository', () => {
  const published = publishedPackage(packageJson, { ...COMMIT, source: undefined }, []);
  assert.ok(!('repository' in published) && !('homepage' in published));
});

test('with changes that are not committed it names no commit', () => {
  const published = publishedPackage(packageJson, { ...COMMIT, source: SOURCE, hasChanges: true }, []);
  assert.ok(!('gitHead' in published));
});
