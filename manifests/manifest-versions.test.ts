import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readManifest, readObjects } from '../testing/manifest-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

test('every image is podrole, of the version of package.json', () => {
  const files = globSync('{install.yaml,base/*/deployment.yaml}', { cwd: `${root}manifests` });
  assert.equal(files.length, 3);
  for (const file of files) {
    for (const { spec } of readObjects(file).filter(({ kind }) => kind === 'Deployment')) {
      for (const { image } of spec.template.spec.containers) assert.equal(image, `podrole:${version}`, file);
    }
  }
});

test('the chart and what it installs have the version of package.json', () => {
  const chart = parse(readManifest('helm/Chart.yaml'));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});
