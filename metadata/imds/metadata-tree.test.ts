import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AskedWorkload, workload } from '../../testing/sidecar/workload.ts';

/** A path that the listings lead to, as far as they say: directories end in a slash from `meta-data` on. */
interface Step {
  readonly path: string;
  readonly body: string;
}

/**
 * Every path that the listings lead to from here, found as a tool finds them: whatever is below a listed name
 * is asked for.
 */
async function walk(asked: AskedWorkload, path: string): Promise<Step[]> {
  const { status, body } = await asked.ask('GET', path);
  assert.equal(status, 200, `${path} is listed`);
  const names = body.split('\n').map((name) => name.replace(/\/$/, ''));
  assert.ok(names.every(Boolean), `${path} has no empty line, nor one at its end`);
  const below: Step[] = [];
  for (const name of names) {
    const child = `${path.replace(/\/$/, '')}/${name}`;
    const { status: found } = await asked.ask('GET', encodeURI(child));
    if (found === 200) below.push(...(await walk(asked, child)));
  }
  return [{ path, body }, ...below];
}

test('golden: everything from the root', async () => {
  const steps = await walk(workload(), '/');
  const versions = steps[0]?.body.split('\n') ?? [];
  const latest = steps.filter(({ path }) => path.startsWith('/latest'));
  for (const version of versions) {
    const rename = ({ path, body }: Step) => ({ path: path.replace('/latest', `/${version}`), body });
    const own = steps.filter(({ path }) => path === `/${version}` || path.startsWith(`/${version}/`));
    assert.deepEqual(own, latest.map(rename), `${version} has what latest has`);
  }
  assert.equal(steps.length, 1 + versions.length * latest.length);

  const shown = steps.filter(({ path }) => path === '/' || path.startsWith('/latest'));
  const text = shown.map(({ path, body }) => `GET ${path}\n${body.replace(/^/gm, '    ')}\n`).join('\n');
  const file = `${import.meta.dirname}/testdata/tree.txt`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});

test('an entry that a listing marks as a directory has a listing; any other is a value', async () => {
  const asked = workload();
  const listings = (await walk(asked, '/latest/meta-data')).filter(({ body }) => body.includes('/\n'));
  assert.ok(listings.length > 0);
  const leaves = (await walk(asked, '/latest')).map(({ path }) => path);
  for (const { path, body } of listings) {
    for (const name of body.split('\n')) {
      const below = leaves.some((other) => other.startsWith(`${path}/${name.replace(/\/$/, '')}/`));
      assert.equal(below, name.endsWith('/'), `${path} ${name}`);
    }
  }
});

test('an extra slash, a query, or an encoded letter changes nothing', async () => {
  const asked = workload();
  for (const { path, body } of await walk(asked, '/latest')) {
    const encoded = path.replace('a', '%61');
    const doubled = path.replaceAll('/', '//');
    for (const variant of [`${path}/`, `${path}//`, `${path}?x=/../`, `/${path}`, doubled, encoded]) {
      const answer = await asked.ask('GET', variant);
      assert.deepEqual([answer.status, answer.body], [200, body], variant);
    }
  }
});

test('property: a path is served if the listings lead to it, else it is 404', async () => {
  const asked = workload();
  const listed = new Set((await walk(asked, '/')).map(({ path }) => path.slice(1)));
  const names = [...new Set([...listed].flatMap((path) => path.split('/').filter(Boolean)))];
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom(
      '../../sidecar',
      '.',
      'iam.',
      'IAM',
      '__proto__',
      'constructor',
      'toString',
      ' ',
      '\u0000',
      'iam/',
    ),
    fc.string({ minLength: 1, unit: 'binary' }),
  );
  const near = fc.tuple(fc.constantFrom(...listed), fc.array(name, { maxLength: 2 }));
  const path = fc.oneof(
    near.map(([base, more]) => [...base.split('/').filter(Boolean), ...more]),
    fc.array(name, { maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(path, async (segments) => {
      const { status } = await asked.ask('GET', `/${segments.map(encodeURIComponent).join('/')}`);
      assert.equal(status, listed.has(segments.join('/')) && !segments.includes('iam/') ? 200 : 404);
    }),
    { numRuns: 1_000 },
  );
});
