import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };
import { chartValues, imageReference, withImage } from './manifests.ts';

const read = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../manifests/${file}`, import.meta.url)), 'utf8');
const { version } = packageJson;
const digest = `sha256:${'1'.repeat(64)}`;
const image = 'registry.example.com:5000/team/podrole';

test('install.yaml names the image of the release everywhere, the sidecar included', () => {
  const pinned = withImage(read('install.yaml'), imageReference({ image, version }, digest));
  const names = [...pinned.matchAll(/^ *(?:image|value): (\S*podrole:\S+)$/gm)].map(([, name]) => name);
  assert.deepEqual(names, [`${image}:${version}@${digest}`, `${image}:${version}@${digest}`]);
});

test('without IMAGE, install.yaml is unchanged: nodes have the image under its tag', () => {
  const install = read('install.yaml');
  assert.equal(withImage(install, imageReference({ image: undefined, version }, digest)), install);
});

test('install.yaml of another version is an error', () => {
  assert.throws(() => withImage(read('install.yaml'), { name: image, version: '9.9.9', digest }), {
    code: 'RELEASE_MANIFEST',
  });
});

test('the values of the chart name the image, and keep their comments', () => {
  const values = read('helm/values.yaml');
  const pinned = chartValues(values, imageReference({ image, version }, digest));
  const expected = parse(values);
  Object.assign(expected.image, { repository: image, tag: version, digest });
  assert.deepEqual(parse(pinned), expected);
  const comments = (text: string) => text.split('\n').filter((line) => line.includes('#'));
  assert.deepEqual(comments(pinned), comments(values));
});
