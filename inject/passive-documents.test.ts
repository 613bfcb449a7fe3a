import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { assertLinear } from '../testing/cost/step-count.ts';
import { injectManifests } from './inject-manifests.ts';
import { readManifest } from './manifest.ts';
import { maskPassiveDocuments } from './passive-documents.ts';

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition # of a chart
metadata:
  name: fleets.example.com
  annotations: {note: "a {{ b }}"}

# A comment.
spec:
  text: |
    kind: Pod
    --- not a marker
     ---
    '{{ .Values.kept }}'
list:
- kind: Pod
`;
const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata: {name: web, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/web"}}
`;
const POD = 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n';
const SETTINGS = 'kind: ConfigMap\napiVersion: v1\ndata: {a: b}\n';
const RUNNING = POD.replace('spec:\n', 'spec:\n  serviceAccountName: web\n');

test('a passive document becomes a null and a comment; all others stay at their offsets', () => {
  for (const text of [CRD, `${CRD}---\n${POD}`, `--- # one\n${CRD}--- \n${POD}---\n${CRD.trimEnd()}`]) {
    for (const source of [text, text.replaceAll('\n', '\r\n')]) {
      const masked = maskPassiveDocuments(source);
      assert.equal(masked.length, source.length);
      assert.doesNotMatch(masked, /CustomResource/);
      assert.equal(masked.indexOf('containers'), source.indexOf('containers:'));
      const [part, whole] = [readManifest(source, 'in'), readManifest(source, 'in', { whole: true })];
      assert.deepEqual(
        part.documents.map(({ value }) => value),
        whole.documents.map(({ value }) => (JSON.stringify(value).includes('"CustomRes') ? null : value)),
      );
    }
  }
});

/** Documents that may be of another kind than a glance at their lines tells, or are not plain. */
const UNCLEAR: Readonly<Record<string, string>> = {
  'a pod': POD,
  'a ServiceAccount': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n',
  'a List': 'apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n',
  'the kind of a Knative Service': 'apiVersion: serving.knative.dev/v1\nkind: Service\n',
  'a kind without an API version': 'kind: ConfigMap\n',
  'a kind of another group': 'apiVersion: example.com/v1\nkind: ConfigMap\n',
  'a name of the prototype': 'apiVersion: constructor/v1\nkind: ConfigMap\n',
  'the kind twice': 'apiVersion: v1\nkind: ConfigMap\nkind: Pod\n',
  'the kind twice, the passive one last': 'apiVersion: v1\nkind: Pod\nkind: ConfigMap\n',
  'a line that begins as a marker does': 'apiVersion: v1\nkind: ConfigMap\n---a\n',
  'the kind in a string, then the kind': 'apiVersion: v1\na: "\nkind: ConfigMap\n"\nkind: Pod\n',
  'the kind in a string, then the quoted kind': 'apiVersion: v1\na: "\nkind: ConfigMap\n b"\n"kind": Pod\n',
  'a quoted key': 'apiVersion: v1\nkind: ConfigMap\n"data": {}\n',
  'an explicit key': 'apiVersion: v1\n? kind\n: Pod\n? a\n',
  'a merge': 'apiVersion: v1\nkind: ConfigMap\n<<: {a: b}\n',
  'an alias': 'apiVersion: v1\na: &k Pod\nkind: *k\n',
  'an anchor': 'apiVersion: v1\nkind: &k ConfigMap\n',
  'a tag': 'apiVersion: v1\nkind: !!str ConfigMap\n',
  'a root in flow style': '{apiVersion: v1, kind: ConfigMap}\n',
  'a root beside the marker': '--- {apiVersion: v1}\nkind: ConfigMap\napiVersion: v1\n',
  'a tag beside the marker': '--- !!map\nkind: ConfigMap\napiVersion: v1\n',
  'a string beside the marker': '--- |\nkind: ConfigMap\napiVersion: v1\n',
  'a kind on the next line': 'apiVersion: v1\nkind:\n  ConfigMap\n',
  'a kind in a block': 'apiVersion: v1\nkind: |-\n  ConfigMap\n',
  'an end of a document': 'kind: ConfigMap\napiVersion: v1\n...\nkind: Pod\n',
  'a directive': '%YAML 1.2\n---\nkind: Pod\n',
  'a template that was not rendered': 'kind: ConfigMap\napiVersion: v1\ndata: {{ .Values.data }}\n',
  'a template on a line of its own': 'kind: ConfigMap\napiVersion: v1\ndata:\n  {{- toYaml . }}\n',
  'a template in a list': 'kind: ConfigMap\napiVersion: v1\ndata:\n- {{ a }}\n',
  'a template of the file': '{{ if a }}\nkind: ConfigMap\napiVersion: v1\n{{ end }}\n',
  'a tab before the root': '\tkind: ConfigMap\napiVersion: v1\n',
  'a list as the root': '- a\nkind: ConfigMap\napiVersion: v1\n',
};

for (const [what, text] of Object.entries(UNCLEAR)) {
  test(`the parser decides about ${what}`, () => assert.equal(maskPassiveDocuments(text), text));
}

test('a kind that the user names is parsed', () => {
  assert.equal(maskPassiveDocuments(CRD, new Set(['CustomResourceDefinition'])), CRD);
});

/** Lines of which documents are made at random. */
const line = fc.constantFrom(
  ...['apiVersion: v1', 'apiVersion: apiextensions.k8s.io/v1', 'kind: Pod', 'kind: ConfigMap'],
  ...['kind: CustomResourceDefinition', 'kind: "Secret"', 'kind: List', 'metadata: {name: web}', 'data:'],
  ...['spec:', '  containers:', '  - name: a', 'items:', '- kind: Pod', '  spec: {containers: [{name: b}]}'],
  ...['text: |', '  kind: Pod', '   ---', '# kind: Pod', '', '---', '--- # c', '--- |', '...', '"kind": Pod'],
  ...['a: "x', 'y"', 'b: {', '}', '<<: *a', 'c: &a {kind: Pod}', '? kind', ': Pod', 'd: {{ x }}', '  e: 1'],
);
const documents = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(CRD, SETTINGS, POD, RUNNING) },
  { weight: 2, arbitrary: fc.constantFrom(...Object.values(UNCLEAR)) },
  { weight: 1, arbitrary: fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join('\n')}\n`) },
);
/** A document with a line more somewhere, or as it is. */
const disturbed = fc
  .tuple(documents, fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.tuple(fc.nat(12), line)))
  .map(([text, more]) => (more ? text.split('\n').toSpliced(more[0], 0, more[1]).join('\n') : text));
const files = fc
  .tuple(
    fc.array(disturbed, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\uFEFF'),
    fc.boolean(),
  )
  .map(([all, lineBreak, mark, ends]) => {
    const joined = all.join('---\n');
    return mark + (ends ? joined : joined.trimEnd()).replaceAll('\n', lineBreak);
  });

const settings = readSettings(identitySettings, {}, {});

/** The result of inject, and its notes; undefined if it reports faults. */
async function inject(text: string, whole: boolean) {
  try {
    const { files: done, ...said } = await injectManifests({
      files: [{ name: 'in', text }],
      serviceAccountFiles: [{ name: 'accounts', text: ACCOUNT }],
      containerCredentials: NO_CONTAINER_CREDENTIALS,
      settings,
      namespace: 'shop',
      whole,
    });
    return { injected: done[0]?.injected, ...said, values: done[0]?.values };
  } catch {
    return undefined;
  }
}

test('what is given out and said is the same as after a full parse', async () => {
  const seen = { masked: 0, changed: 0 };
  await fc.assert(
    fc.asyncProperty(files, async (text) => {
      const [part, whole] = [await inject(text, false), await inject(text, true)];
      // A fault in a document that was passed over is not reported.
      if (!whole) return;
      assert.deepEqual({ ...part, values: [] }, { ...whole, values: [] });
      assert.equal(part?.values?.length, whole.values?.length);
      if (maskPassiveDocuments(text) !== text) seen.masked += 1;
      if (part?.injected !== text) seen.changed += 1;
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 400), endOnFailure: true },
  );
  assert.ok(Math.min(seen.masked, seen.changed) > 5, JSON.stringify(seen));
});

const repeated = (size: number, text: string) => text.repeat(size);
const LARGE: Readonly<Record<string, (size: number) => string>> = {
  'passive documents': (size) => repeated(size, `---\n${CRD}`),
  'a large passive document': (size) => `${CRD}x:\n${repeated(size, '  - a: b\n')}`,
  'keys of a document': (size) => `${CRD}${Array.from({ length: size }, (_, at) => `k${at}: x\n`).join('')}`,
  'braces and blanks': (size) => `${CRD}x: a${repeated(size, ' {{')}${repeated(size, ' ')}{{\n`,
  'lines that begin as a marker does': (size) => `${CRD}${repeated(size, '---a\n')}`,
  'blanks after a key': (size) => `${CRD}x:${repeated(size, ' ')}\ny: a${repeated(size, ' ')}b\n`,
};

for (const [what, text] of Object.entries(LARGE)) {
  test(`the steps grow with the size: ${what}`, async () => {
    await assertLinear((size) => {
      const source = text(size);
      return () => maskPassiveDocuments(source);
    });
  });
}
