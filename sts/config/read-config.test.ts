import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertLinear, isOwnSource } from '../../testing/cost/step-count.ts';
import { assertFaults } from '../../testing/faults.ts';
import { readStsConfig } from './read-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-sts-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'sts.yaml');

test('a configuration that is not a single YAML document names the fault', () => {
  for (const [content, fault] of [
    [
      '- '.repeat(3_000),
      /^--config .*sts\.yaml: is not valid YAML in line 1, column \d+: nested more than 200 levels deep; fix the YAML there$/,
    ],
    ['a: &a [*a]\n', /refers to a node that contains it/],
    ['providers: []\nproviders: []\n', /map keys must be unique/],
    ['a: 1\n---\nb: 1\n', /has more than one document/],
  ] as const) {
    writeFileSync(file, content);
    assertFaults(() => readStsConfig(file), [fault]);
  }
});

test('the steps grow with the keys of a mapping, and no faster', async () => {
  await assertLinear(
    (size) => {
      writeFileSync(file, Array.from({ length: size }, (_, at) => `k${at}: 1\n`).join(''));
      return () => {
        try {
          readStsConfig(file);
        } catch {
          // It is refused; only the cost of that counts.
        }
      };
    },
    { size: 200, counts: (url) => isOwnSource(url) || url.includes('/node_modules/yaml/') },
  );
});
