import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { migratedWorkload, migrationModel } from '../../testing/migrate/model.ts';
import {
  commandsIn,
  movedModel,
  oddModel,
  stepTexts,
  wordsOf,
  yamlValues,
} from '../../testing/migrate/steps.ts';
import type { MigrationModel } from '../model.ts';

const PLANS: Readonly<Record<string, MigrationModel>> = {
  'before-moving': migrationModel(),
  'after-moving': movedModel(),
  'odd-workloads': oddModel(),
};

for (const [name, model] of Object.entries(PLANS)) {
  test(`${name}: the files are the expected ones`, () => {
    const text = [...stepTexts(model)].map(([path, content]) => `==> ${path}\n${content}`).join('\n');
    const golden = `${import.meta.dirname}/testdata/${name}.txt`;
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });
  test(`${name}: each command of a page is one call, and each file that it names is there`, () => {
    const texts = stepTexts(model);
    for (const [path, text] of texts) {
      if (!path.endsWith('README.md')) continue;
      const commands = (['Run', 'Verify', 'Undo'] as const).flatMap((heading) => commandsIn(text, heading));
      if (commands.length === 0) continue;
      const words = wordsOf(commands).filter(([program]) => program !== 'cat');
      assert.equal(words.length, commands.length, path);
      for (const file of words.flatMap(filesOf)) assert(texts.has(file), `${file}, of ${path}`);
    }
  });
}

/** Returns the files that a call reads. */
function filesOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    if (['-f', '--patch-file'].includes(words[at - 1] ?? '')) return [word];
    return word.startsWith('--policy-document=file://')
      ? [word.slice('--policy-document=file://'.length)]
      : [];
  });
}

test('the same plan gives the same files, whatever the order of the namespaces', () => {
  const { workloads } = migrationModel();
  const turned = migrationModel({ workloads: [...workloads.slice(1), ...workloads.slice(0, 1)] });
  assert.deepEqual(stepTexts(turned), stepTexts(migrationModel()));
});

const HOSTILE = [
  '../../x',
  '..',
  '.',
  '',
  '/etc/passwd',
  'a\nb',
  '$(touch canary)',
  '`touch canary`',
  "a'; touch canary; '",
  '-o',
  '--kubeconfig=x',
  'a b',
  'a: b',
  '# a',
  '\u001b[31m',
  'a\u0000b',
  'A',
  'x'.repeat(254),
  '```\n# Step 9',
  '| a | b |',
  '{{ .Values }}',
];
for (const bad of HOSTILE) {
  test(`a name that no object has gets no file and no command: ${JSON.stringify(bad).slice(0, 40)}`, () => {
    const changes = [
      { namespace: bad },
      { name: bad },
      { kind: bad },
      { apiVersion: bad },
      { serviceAccount: bad },
      { newServiceAccount: bad },
      { roleArn: bad },
      { roleArn: `arn:aws:iam::111122223333:role/${bad}` },
    ];
    for (const change of changes) {
      const workload = { ...migratedWorkload('shop', 'odd'), ...change };
      const texts = stepTexts(migrationModel({ workloads: [workload] }));
      const paths = [...texts.keys()].filter((path) => path.startsWith('2-'));
      const isArn = change.roleArn?.startsWith('arn:') ?? false;
      if (paths.length > 0) {
        assert(isArn || bad === '', JSON.stringify(change));
        continue;
      }
      assert.deepEqual([...texts.keys()], ['3-clean-up/README.md', 'README.md'], JSON.stringify(change));
      const page = texts.get('README.md') ?? '';
      assert.match(page, /leave out, because it needs a decision:\n\n- /);
      assert.equal(page.match(/^#+ /gm)?.length, 4, page);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
      assert.doesNotMatch(page, /[\u0000-\u0009\u000b-\u001f]/);
    }
  });
}

/** Names that the API server accepts, and that a program could read as something else. */
const ODD_NAMES = [
  ...[
    'on',
    'off',
    'yes',
    'n',
    'null',
    'true',
    '1',
    '0o17',
    '0x1f',
    '1e3',
    '0b1',
    '12.30',
    '2001-01-01',
    'inf',
  ],
  ...['a.b', 'x'.repeat(253), `${'a.'.repeat(126)}a`, 'constructor', '0.0.0.0'],
];
for (const name of ODD_NAMES) {
  test(`a name stays as it is in YAML and in a shell: ${name.slice(0, 20)}`, () => {
    const namespace = /^[a-z0-9]{1,63}$/.test(name) ? name : 'shop';
    const workload = migratedWorkload(namespace, name, {
      newServiceAccount: name,
      needs: 'sidecar',
      given: 'shop-web',
    });
    const model = migrationModel({ workloads: [workload], namespaces: [], splits: [] });
    const texts = stepTexts(model);
    const [, patch = ''] = [...texts].find(([path]) => path.includes('/patches/')) ?? [];
    assert.deepEqual(yamlValues(patch), [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: {
          template: {
            metadata: { annotations: { 'podrole.dev/sidecar': 'credentials' } },
            spec: { serviceAccountName: name, serviceAccount: name },
          },
        },
      },
    ]);
    const commands = commandsIn(texts.get(`2-namespaces/${namespace}/README.md`) ?? '', 'Run');
    const called = wordsOf(commands).find((words) => words.includes('patch'));
    assert.deepEqual(called?.slice(0, 6), ['kubectl', 'patch', '-n', namespace, 'deployment', name]);
    for (const path of texts.keys())
      for (const part of path.split('/')) assert(part.length <= 255, `${part.length} characters`);
  });
}

test('a namespace that way B does not change says why', () => {
  const lonely = migratedWorkload('jobs', 'report', { serviceAccount: 'default' });
  const page = stepTexts(migrationModel({ workloads: [lonely] })).get('2-namespaces/jobs/README.md') ?? '';
  const [, wayB = ''] = page.split('## Way B');
  assert.match(wayB, /^- Not changed, because it uses the ServiceAccount default.*`Deployment report`$/m);
  assert.deepEqual(commandsIn(wayB, 'Run'), []);
});
