import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { assertLinear, isOwnSource } from '../testing/cost/step-count.ts';
import { injectManifests } from './inject-manifests.ts';
import { readManifest } from './manifest.ts';

const settings = readSettings(identitySettings, {}, {});
const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  annotations: { eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/web" }
`;

function inject(text: string) {
  return injectManifests({
    files: [{ name: 'in.yaml', text }],
    serviceAccountFiles: [{ name: 'accounts.yaml', text: ACCOUNT }],
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    settings,
    namespace: 'default',
  });
}

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('');
const pod = (containers: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  serviceAccountName: web\n${more}  containers:\n${containers}`;
const podOnOneLine = (at: number) =>
  `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p${at}"},"spec":{"serviceAccountName":"web","containers":[{"name":"a"}]}}`;

/** Content that a chart of somebody else may have, by its amount. */
const MANIFESTS: Readonly<Record<string, (size: number) => string>> = {
  'documents with a pod': (size) => lines(size, () => `---\n${pod('  - name: a\n')}`),
  'pods of a List in JSON on one line': (size) =>
    `{"kind":"List","apiVersion":"v1","items":[${lines(size, (at) => `${podOnOneLine(at)},`).slice(0, -1)}]}`,
  'pods of a List': (size) =>
    `kind: List\napiVersion: v1\nitems:\n${lines(size, (at) => `- ${podOnOneLine(at)}\n`)}`,
  'passive documents': (size) =>
    `${lines(size, (at) => `kind: ConfigMap\napiVersion: v1\ndata: { a: ${at} }\n---\n`)}${pod('  - name: a\n')}`,
  'kinds that are not known': (size) =>
    `${lines(size, (at) => `kind: K${at}\napiVersion: a.b/v1\nspec: { x: ${podOnOneLine(at)} }\n---\n`)}${pod('  - name: a\n')}`,
  'templates of a JobSet': (size) =>
    `kind: JobSet\napiVersion: jobset.x-k8s.io/v1\nspec:\n  replicatedJobs:\n${lines(size, (at) => `  - template: { spec: { template: ${podOnOneLine(at)} } }\n`)}`,
  containers: (size) => pod(lines(size, (at) => `  - name: c${at}\n`)),
  'variables of a container': (size) =>
    pod(`  - name: a\n    env:\n${lines(size, (at) => `    - { name: V${at}, value: x }\n`)}`),
  'variables without names': (size) =>
    pod(`  - name: a\n    env:\n${lines(size, () => '    - { value: x }\n')}`),
  volumes: (size) =>
    pod('  - name: a\n', `  volumes:\n${lines(size, (at) => `  - { name: v${at}, emptyDir: {} }\n`)}`),
  annotations: (size) =>
    `${pod('  - name: a\n').replace('{ name: a }', 'PLACE')}`.replace(
      'PLACE',
      `\n  name: a\n  annotations:\n${lines(size, (at) => `    a${at}: x\n`)}`.trimEnd(),
    ),
  'comments above the containers': (size) => pod(`${lines(size, () => '  # a\n')}  - name: a\n`),
  'blanks before a value': (size) => `${pod('  - name: a\n')}x:${' '.repeat(size)}y\n`,
};

const counts = (url: string) => isOwnSource(url) || /\/node_modules\/(yaml|diff)\//.test(url);

for (const [name, manifest] of Object.entries(MANIFESTS)) {
  test(`the steps of inject grow with the manifest: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const text = manifest(size);
        return async () => {
          const { files } = await inject(text);
          assert.match(files[0]?.injected ?? '', /AWS_ROLE_ARN/);
        };
      },
      { size: 40, counts },
    );
  });
}

test('a manifest with many bad documents is read once, and reports a fault for each', async () => {
  await assertLinear(
    (size) => {
      const text = lines(size, () => '---\na: {{ .Values.x }}\nb: [\n');
      return () => assert.throws(() => readManifest(text, 'in.yaml'), { code: 'INVALID_MANIFEST' });
    },
    { size: 40, counts },
  );
});

test('nesting and chains of merges that nobody writes are faults with the line', () => {
  const chain = lines(1_000, (at) => `a${at}: &a${at} {${at ? `<<: *a${at - 1}, ` : ''}k${at}: 1}\n`);
  for (const [text, message] of [
    [`a:\n  ${'- '.repeat(300)}x\n`, /nested more than 200 levels deep/],
    [`a: ${'['.repeat(100_000)}`, /in\.yaml: is not valid YAML in line 1,/],
    [chain, /merges add more than 100000 members/],
    ['a: 1\na: 2\n', /line 2, column 1: map keys must be unique; keep one of the two/],
  ] as const) {
    assert.throws(() => readManifest(text, 'in.yaml'), { code: 'INVALID_MANIFEST', message });
  }
});
