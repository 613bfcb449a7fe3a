import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { DAY_SECONDS, PUBLICATION_PATHS, publicationOf, servedKey } from '../../testing/oidc/publication.ts';
import { publicKeysFromPem } from '../keys/keys.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import { planPublication } from './publish.ts';
import { renderDiff, renderText } from './report.ts';

/**
 * A fixture is one file: the published documents, the source's keys, the request, and the resulting report
 * and diff. To rewrite the results, then review the difference:
 *
 *     UPDATE_GOLDEN=1 node --test oidc/publication/publish.golden.test.ts
 */
const files = globSync('testdata/publish-*.json', { cwd: import.meta.dirname }).sort();

test('there are fixtures', () => assert.ok(files.length >= 4));

for (const file of files) {
  test(basename(file, '.json'), async () => {
    const path = `${import.meta.dirname}/${file}`;
    const fixture = asObject(JSON.parse(readFileSync(path, 'utf8'))) ?? {};
    const expected = await run(fixture);
    if (process.env['UPDATE_GOLDEN'])
      writeFileSync(path, `${JSON.stringify({ ...fixture, expected }, null, 2)}\n`);
    else assert.deepEqual(expected, fixture['expected']);
  });
}

/** Replaces multi-line strings by lists of lines, so that a fixture is readable. */
async function run(fixture: JsonObject): Promise<JsonObject> {
  const target = createMemoryTarget();
  for (const name of ['jwks', 'discovery', 'notes'] as const) {
    const content = asObject(fixture['published'])?.[name];
    if (content === undefined) continue;
    const document = { content: `${JSON.stringify(content, null, 2)}\n`, contentType: '', cacheControl: '' };
    await target.replace(PUBLICATION_PATHS[name], document, undefined);
  }
  const pems = (asArray(fixture['keys']) ?? []).map((lines) => (asArray(lines) ?? []).join('\n'));
  const keys = pems.flatMap((pem) => publicKeysFromPem(pem, 'fixture')).map(servedKey);
  const plan = await planPublication(
    publicationOf(keys, {
      target,
      at: DAY_SECONDS * 2,
      prune: fixture['prune'] === true,
      x5c: fixture['x5c'] === true,
    }),
  );
  const written = plan.writes.map((write) => write.path);
  return {
    report: renderText({ plan, written, checks: undefined }).split('\n'),
    diff: renderDiff(plan).split('\n'),
  };
}
