import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject } from '../../lib/json/json.ts';
import { chainFacts } from '../../testing/doctor/chain-facts.ts';
import { WEBHOOK } from '../../testing/doctor/cluster-facts.ts';
import { read } from '../../testing/doctor/reading.ts';
import { type ChainFacts, chainFactsSchema } from '../facts/chain-facts.ts';
import { readSaved } from './read-saved.ts';
import { redactFacts } from './redact-facts.ts';
import { refuseExisting, saveFacts } from './save-facts.ts';
import { FORMAT } from './saved-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-saved-'));
after(() => rmSync(folder, { recursive: true }));

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const token = await new SignJWT({ sub: 'system:serviceaccount:shop:web' })
  .setProtectedHeader({ alg: 'RS256', kid: 'one' })
  .sign(privateKey);
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const SECRETS: Readonly<Record<string, string>> = {
  'a token': token,
  'the signature of a token': token.split('.')[2] ?? '',
  'a private key': pem,
  'a secret access key': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'a session token': `IQoJb3JpZ2luX2VjE${randomBytes(300).toString('base64')}`,
};

type Schema = Readonly<Record<string, unknown>>;

/** Returns a value of the schema with every field, each string of which is the text. */
function sample(schema: Schema, text: string, variant: number): unknown {
  const variants = asArray(schema['anyOf'] ?? schema['oneOf']);
  if (variants) return sample(asObject(variants[variant % variants.length]) ?? {}, text, variant);
  if ('const' in schema) return schema['const'];
  const [one] = asArray(schema['enum']) ?? [];
  if (one !== undefined) return one;
  switch (schema['type']) {
    case 'object': {
      const named = Object.entries(asObject(schema['properties']) ?? {});
      const others = asObject(schema['additionalProperties']);
      return Object.fromEntries([
        ...named.map(([name, member]) => [name, sample(asObject(member) ?? {}, text, variant)]),
        ...(others ? [[text, sample(others, text, variant)]] : []),
      ]);
    }
    case 'array':
      return [sample(asObject(schema['items']) ?? {}, text, variant)];
    case 'string':
      return text;
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return { [text]: [text, { deep: `said: ${text}, and more` }] };
  }
}

const jsonSchema: Schema = z.toJSONSchema(chainFactsSchema, { reused: 'inline' });
const fullFacts = (text: string, variant: number) =>
  chainFactsSchema.parse(sample(jsonSchema, text, variant)) as ChainFacts;

test('the samples have every field', () => {
  const texts = JSON.stringify([0, 1, 2, 3, 4].map((variant) => fullFacts('TEXT', variant))).split(
    'TEXT',
  ).length;
  assert.ok(texts > 100, `${texts} texts`);
});

for (const [what, secret] of Object.entries(SECRETS)) {
  test(`${what} survives in no field of a saved file`, async () => {
    const facts = [0, 1, 2, 3, 4].map((variant) => fullFacts(secret, variant));
    assert.ok(JSON.stringify(facts).includes(JSON.stringify(secret).slice(1, -1)));
    const target = join(folder, what.replaceAll(' ', '-'));
    await saveFacts(target, facts);
    const written = readdirSync(target).map((name) => readFileSync(join(target, name), 'utf8'));
    for (const piece of piecesOf(secret)) {
      for (const text of written) assert.equal(text.includes(piece), false, piece);
    }
  });
}

/** Parts that would still be of use to a thief. A PEM is broken into lines. */
function piecesOf(secret: string): readonly string[] {
  const lines = secret.split(/[\n.]/).filter((line) => line.length > 30 && !line.startsWith('-'));
  return lines.map((line) => line.slice(0, 60));
}

test('private members of a published key are removed, whatever they look like', () => {
  const redacted = redactFacts({ keys: [{ kty: 'EC', kid: 'one', d: 'short', x: 'public' }], d: 'no key' });
  assert.deepEqual(redacted, {
    keys: [{ kty: 'EC', kid: 'one', d: '[redacted]', x: 'public' }],
    d: 'no key',
  });
});

test('what is nested too deep is cut', () => {
  let deep: unknown = 'x';
  for (let at = 0; at < 100_000; at += 1) deep = [deep];
  assert.ok(JSON.stringify(redactFacts(deep)).length < 1_000);
});

test('saved facts are read back as they were, and only their owner can read them', async () => {
  const target = join(folder, 'round');
  const web = chainFacts();
  const own = chainFacts({
    container: 'fluentd',
    grant: { roleArn: 'arn:aws:iam::111122223333:role/a', audience: 'x' },
  });
  await saveFacts(target, [web, own]);
  assert.deepEqual(readdirSync(target), ['001-shop-web.json', '002-shop-web-fluentd.json', 'README.txt']);
  assert.equal(statSync(target).mode & 0o777, 0o700);
  for (const name of readdirSync(target)) assert.equal(statSync(join(target, name)).mode & 0o777, 0o600);
  assert.deepEqual(await readSaved(target), [web, own]);
  assert.deepEqual(await readSaved(join(target, '001-shop-web.json')), [web]);
});

test('a name from the cluster never leads out of the folder', async () => {
  const target = join(folder, 'names');
  await saveFacts(target, [
    chainFacts({ container: '../../x', subject: { kind: 'pod', namespace: '..', name: '/' } }),
  ]);
  assert.match(readdirSync(target).join(' '), /^001-+x\.json README\.txt$/);
});

test('an existing folder, file or link is refused before and while saving', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const link = join(folder, 'link');
  symlinkSync(join(folder, 'nowhere'), link);
  for (const path of [folder, file, link]) {
    await assert.rejects(refuseExisting(path), { code: 'FILE_EXISTS' });
    await assert.rejects(saveFacts(path, [chainFacts()]), { code: 'FILE_EXISTS' });
  }
  await refuseExisting(join(folder, 'new'));
  await assert.rejects(saveFacts(join(folder, 'absent', 'new'), []), { code: 'NOT_WRITTEN' });
});

const POD = { kind: 'pod', namespace: 'shop', name: 'web-0' } as const;
const withFacts = (given: Partial<ChainFacts>) =>
  JSON.stringify({ format: FORMAT, facts: chainFacts(given) });
const valid = { format: FORMAT, facts: chainFacts() };
const { aws, ...withoutAws } = chainFacts();
const BAD_FILES: readonly (readonly [what: string, content: string | Buffer, fault: RegExp])[] = [
  ['is empty', '', /is not JSON: it ends in line 1/],
  ['is not JSON', '{"format"', /is not JSON/],
  ['is YAML', 'format: x', /is not JSON: line 1, column 1/],
  ['is a list', '[]', /is not of the format podrole-doctor-facts\/1/],
  ['is another object', '{"apiVersion":"v1"}', /is not of the format/],
  [
    'is of another version',
    JSON.stringify({ ...valid, format: 'podrole-doctor-facts/2' }),
    /is not of the format/,
  ],
  [
    'lacks a field',
    JSON.stringify({ ...valid, facts: withoutAws }),
    /facts\.aws must be an object; save the facts again/,
  ],
  [
    'has a number for a string',
    JSON.stringify({ ...valid, facts: { ...chainFacts(), serviceAccountName: 7 } }),
    /facts\.serviceAccountName must be a string/,
  ],
  [
    'has an unknown kind',
    JSON.stringify({
      ...valid,
      facts: { ...chainFacts(), subject: { kind: 'node', namespace: 'a', name: 'b' } },
    }),
    /facts\.subject\.kind must be one of pod, serviceaccount/,
  ],
  [
    'has an unknown state',
    JSON.stringify({ ...valid, facts: { ...chainFacts(), aws: { ...aws, role: { state: 'odd' } } } }),
    /facts\.aws\.role(?:\.state)? /,
  ],
  ['has no time', withFacts({ collectedAt: 'yesterday' }), /facts\.collectedAt must be a time/],
  [
    'names a pod --all',
    withFacts({ subject: { ...POD, name: '--all' } }),
    /name of an object in it must have/,
  ],
  [
    'names a namespace -A',
    withFacts({ subject: { ...POD, namespace: '-A' } }),
    /a namespace in it must have/,
  ],
  ['names a ServiceAccount ;x', withFacts({ serviceAccountName: ';x' }), /name of an object in it must have/],
  ['names a container -c', withFacts({ container: '-c' }), /name of an object in it must have/],
  [
    'names a Service --help',
    withFacts({
      cluster: {
        ...chainFacts().cluster,
        webhooks: read([{ ...WEBHOOK, service: { namespace: 'podrole', name: '--help', port: 443 } }]),
      },
    }),
    /name of an object in it must have/,
  ],
  ['lacks many fields', JSON.stringify({ format: FORMAT, facts: {} }), /; and \d+ more fields are wrong/],
  ['is nested deeply', '['.repeat(100_000), /is nested deeper than 200 levels/],
  ['is UTF-16', Buffer.from('\ufeff{}', 'utf16le'), /is UTF-16, not UTF-8/],
];
for (const [what, content, fault] of BAD_FILES) {
  test(`a file that ${what} is an error that names it`, async () => {
    const target = mkdtempSync(join(folder, 'bad-'));
    writeFileSync(join(target, 'web.json'), content);
    await assert.rejects(readSaved(target), (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.equal(thrown.code, 'SAVED_FACTS_INVALID');
      assert.match(thrown.message, fault);
      assert.match(thrown.message, /^--offline .*web\.json: /);
      return true;
    });
  });
}

test('every bad file is reported', async () => {
  const target = join(folder, 'several');
  await saveFacts(target, [chainFacts()]);
  writeFileSync(join(target, 'a.json'), '');
  writeFileSync(join(target, 'b.json'), '{}');
  await assert.rejects(readSaved(target), /a\.json: .*\n.*b\.json: /);
});

test('a folder without facts, one that is absent, and a pipe are errors', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  await assert.rejects(readSaved(empty), { code: 'NOTHING_TO_JUDGE' });
  await assert.rejects(readSaved(join(folder, 'absent')), { code: 'UNREADABLE_FILE' });
  await assert.rejects(readSaved('/dev/zero'), { code: 'UNREADABLE_FILE' });
});
