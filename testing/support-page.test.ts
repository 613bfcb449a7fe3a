import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');
const page = read('docs/support.md');
const rows = new Map(
  [...page.matchAll(/^\| (.+?) \| (.+?) \|/gm)].map(([, name = '', versions = '']) => [name, versions]),
);
/** Version of a module that the end-to-end tests build: `2.2`. */
function moduleVersion(folder: string, module: string): string {
  const pattern = new RegExp(`^\\s*(?:require )?${module} v(\\d+)\\.(\\d+)`, 'm');
  const [, major, minor] = pattern.exec(read(`e2e/cluster/modules/${folder}/go.mod`)) ?? [];
  return `${major}.${minor}`;
}

test('docs/support.md names the versions of Kubernetes that the end-to-end tests run', () => {
  const folders = globSync('e2e/cluster/modules/kubernetes-*', { cwd: root });
  const minors = folders.map((folder) => folder.slice(folder.lastIndexOf('-') + 1));
  assert.deepEqual(rows.get('Kubernetes')?.split(', ').sort(), minors.sort());
});

test('docs/support.md names the oldest Kubernetes of the chart', () => {
  const oldest = /kubeVersion: ">=(\d+\.\d+)\./.exec(read('manifests/helm/Chart.yaml'))?.[1];
  assert.equal(rows.get('Kubernetes')?.split(', ')[0], oldest);
});

test('docs/support.md names the Node of package.json and of the archives', () => {
  const { engines } = JSON.parse(read('package.json'));
  assert.equal(rows.get('Node, for the npm package'), engines.node);
  const platforms: Record<string, { version: string }> = JSON.parse(read('release/node-platforms.json'));
  const majors = new Set(Object.values(platforms).map(({ version }) => version.split('.')[0]));
  assert.deepEqual(
    rows.get('Node, for the image and the archives')?.match(/\d+/g)?.sort(),
    [...majors].sort(),
  );
});

test('the Node of the image and the archives is the one of the tests', () => {
  const platforms: Record<string, { version: string }> = JSON.parse(read('release/node-platforms.json'));
  for (const platform of ['linux-x64', 'linux-arm64', 'win-x64'])
    assert.equal(`v${platforms[platform]?.version}`, process.version, platform);
});

test('docs/support.md names the Helm and the containerd of the end-to-end tests', () => {
  assert.equal(rows.get('Helm'), moduleVersion('helm', 'helm.sh/helm/v4').split('.')[0]);
  assert.equal(rows.get('containerd'), moduleVersion('containerd', 'github.com/containerd/containerd/v2'));
});
