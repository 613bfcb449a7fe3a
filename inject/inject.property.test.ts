import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Document, isCollection, isNode, isScalar, parseAllDocuments, visit } from 'yaml';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { type Injection, injectManifests } from './inject-manifests.ts';
import { injectPod } from './inject-pod.ts';
import { findPods } from './pod-templates/find-pods.ts';
import { withValuesAt } from './pod-templates/with-values-at.ts';

const settings = readSettings(identitySettings, { sidecarImage: 'podrole:1' }, {});

/** ServiceAccount shop/web with that role, or without one. */
function factsOf(role: string | undefined) {
  const annotations: Record<string, string> = role ? { 'eks.amazonaws.com/role-arn': role } : {};
  const serviceAccounts = memorySource([{ namespace: 'shop', name: 'web', annotations }]);
  return { settings, serviceAccounts, containerCredentials: NO_CONTAINER_CREDENTIALS };
}

function inject(text: string, role: string | undefined): Promise<Injection> {
  const { serviceAccounts, ...facts } = factsOf(role);
  const files = [{ name: 'generated', text }];
  return injectManifests({
    ...facts,
    files,
    serviceAccountFiles: [],
    cluster: { serviceAccounts, namespaces: { find: async () => undefined } },
    namespace: 'shop',
  });
}

const ROLE = 'arn:aws:iam::111122223333:role/one';
const OTHER_ROLE = 'arn:aws:iam::444455556666:role/two';

/** Texts that a careless writer of YAML would get wrong. */
const text = fc.oneof(
  fc.constantFrom(
    'yes',
    '0644',
    '1.10',
    '',
    ' ',
    '# no',
    'a: b',
    "it's",
    '"',
    '{{ x }}',
    '*a',
    '&a',
    '- a',
    'null',
    '\\',
  ),
  fc.constantFrom('one\ntwo\n', 'one\n\n', '\n', ' lead\ntwo', 'one\r\ntwo', 'tab\there', 'a # b'),
  fc.string({ maxLength: 20 }),
);
const env = fc.array(
  fc.record({ name: fc.constantFrom('A', 'B', 'AWS_REGION', 'AWS_ROLE_ARN'), value: text }),
  {
    maxLength: 3,
  },
);
const mounts = fc.array(fc.record({ name: fc.constantFrom('tmp', 'aws-iam-token'), mountPath: text }), {
  maxLength: 2,
});

/** `env` is one list for all containers that share it: written as an anchor and aliases. */
const containers = fc
  .record({
    shared: env,
    list: fc.array(
      fc.record(
        {
          args: fc.array(text, { maxLength: 2 }),
          env: fc.oneof(env, fc.constant(null), fc.constant('shared')),
          volumeMounts: fc.oneof(mounts, fc.constant(null)),
          other: fc.jsonValue({ maxDepth: 2 }),
        },
        { requiredKeys: [] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    nameFirst: fc.boolean(),
  })
  .map(({ shared, list, nameFirst }) =>
    list.map((container, at) => {
      const whole = container.env === 'shared' ? { ...container, env: shared } : container;
      return nameFirst ? { name: `c${at}`, ...whole } : { ...whole, name: `c${at}` };
    }),
  );

const annotations = fc.constantFrom(
  undefined,
  null,
  {},
  { team: 'a' },
  { 'eks.amazonaws.com/skip-containers': 'c0' },
  { 'eks.amazonaws.com/token-expiration': '900' },
  { 'podrole.dev/sidecar': 'metadata' },
  { 'podrole.dev/sidecar': 'credentials' },
  { 'podrole.dev/sidecar': 'agent' },
);
const pod = fc
  .record({
    annotations,
    containers,
    init: containers,
    volumes: fc.constantFrom(undefined, null, [], [{ name: 'tmp' }]),
  })
  .map(({ annotations: notes, containers: list, init, volumes }) => ({
    metadata: { name: 'web', ...(notes === undefined ? {} : { annotations: notes }) },
    spec: {
      serviceAccountName: 'web',
      ...(volumes === undefined ? {} : { volumes }),
      initContainers: init.map((container) => ({ ...container, name: `i-${container.name}` })),
      containers: list,
    },
  }));
const object = fc.oneof(
  pod.map((one) => ({ kind: 'Pod', ...one })),
  pod.map((template) => ({ kind: 'Deployment', spec: { template } })),
  pod.map(({ spec }) => ({ kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec } } } } })),
  fc.array(pod, { minLength: 1, maxLength: 2 }).map((items) => ({ kind: 'PodList', items })),
  // One pod that is in two places, for the sake of aliases.
  pod.map((one) => ({
    kind: 'List',
    items: [
      { kind: 'Pod', ...one },
      { kind: 'Other', ...one },
      { kind: 'Pod', ...one },
    ],
  })),
  fc.record({ kind: fc.constant('ConfigMap'), data: fc.dictionary(text, text) }),
);

const layout = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 40),
  aliases: fc.boolean(),
  windows: fc.boolean(),
  lastBreak: fc.boolean(),
  json: fc.constantFrom(undefined, 0, 2, '\t'),
  /** Drawn from for each node: whether it is in flow style, has a comment, an empty line before it. */
  dice: fc.infiniteStream(fc.nat(11)),
});

/** The objects as somebody might have written them. */
function write(
  objects: readonly unknown[],
  style: typeof layout extends fc.Arbitrary<infer T> ? T : never,
): string {
  const { indent, indentSeq, lineWidth, aliases, windows, lastBreak, json, dice } = style;
  const roll = () => dice.next().value;
  const written = objects.map((value) => {
    if (json !== undefined && roll() < 3) return `${JSON.stringify(value, null, json)}\n`;
    const document = new Document(value, { aliasDuplicateObjects: aliases, compat: 'yaml-1.1' });
    visit(document, {
      Collection: (_, node, path) => {
        if (path.length > 2 && roll() === 0) node.flow = true;
      },
      Node: (key, node) => {
        const isLine = key !== 'key' && !isScalar(node);
        if (isLine && roll() === 1) node.commentBefore = ' before';
        if (isLine && roll() === 2 && isCollection(node) && !node.flow) node.comment = ' behind';
        if (key === 'key' && isNode(node) && roll() === 3) node.spaceBefore = true;
        if (isScalar(node) && key === 'value' && roll() === 4) node.comment = ' beside';
      },
    });
    return document.toString({ indent, indentSeq, lineWidth, flowCollectionPadding: roll() > 5 });
  });
  const joined = written.join('---\n').trimEnd() + (lastBreak ? '\n' : '');
  return windows ? joined.replaceAll(/(?<!\r)\n/g, '\r\n') : joined;
}

const manifests = fc
  .tuple(fc.array(object, { minLength: 1, maxLength: 3 }), layout)
  .map(([objects, style]) => write(objects, style));
const readable = manifests.filter((manifest) =>
  parseAllDocuments(manifest).every(({ errors }) => errors.length === 0),
);

function dataOf(manifest: string): unknown[] {
  return [...parseAllDocuments(manifest)].map((document) => document.toJS({ maxAliasCount: -1 }));
}

async function mutated(value: unknown, role: string): Promise<unknown> {
  let result = value;
  for (const found of findPods(value, { namespace: 'shop' })) {
    result = withValuesAt(result, [{ path: found.path, value: (await injectPod(found, factsOf(role))).pod }]);
  }
  return result;
}

/** Without shrinking: it takes minutes, and the manifest that fails is readable as it is. */
const RUNS = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60), endOnFailure: true };

test('the text has the mutated objects, and a second run keeps every byte', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (manifest) => {
      const [file] = (await inject(manifest, ROLE)).files;
      assert.ok(file);
      const expected = await Promise.all(dataOf(manifest).map((value) => mutated(value, ROLE)));
      assert.deepEqual(dataOf(file.injected), expected);
      const [again] = (await inject(file.injected, ROLE)).files;
      assert.equal(again?.injected, file.injected);
    }),
    RUNS,
  );
});

test('every comment of the input is still there', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (manifest) => {
      const [file] = (await inject(manifest, ROLE)).files;
      const comments = (all: string) => all.match(/# (?:before|behind|beside)/g)?.length ?? 0;
      assert.equal(comments(file?.injected ?? ''), comments(manifest));
    }),
    RUNS,
  );
});

test('another role takes the place of the first, and none takes everything out', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (manifest) => {
      const [first] = (await inject(manifest, ROLE)).files;
      const [second] = (await inject(first?.injected ?? '', OTHER_ROLE)).files;
      const [direct] = (await inject(manifest, OTHER_ROLE)).files;
      assert.deepEqual(dataOf(second?.injected ?? ''), dataOf(direct?.injected ?? ''));
      const [none] = (await inject(first?.injected ?? '', undefined)).files;
      assert.ok(!none?.injected.includes('podrole.dev/injected'));
      assert.ok(!none?.injected.includes(ROLE));
    }),
    RUNS,
  );
});

test('a manifest may have more documents than a call can have arguments', async () => {
  const { files } = await inject(`${'---\n'.repeat(130_000)}kind: Pod\n`, ROLE);
  assert.equal(files[0]?.values.length, 130_000);
});
