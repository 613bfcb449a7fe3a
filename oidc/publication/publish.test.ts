import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import {
  DAY_SECONDS,
  makeKeys,
  PUBLICATION_ISSUER,
  PUBLICATION_PATHS,
  publicationOf,
  sourceOf,
} from '../../testing/oidc/publication.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import type { PublicationTarget } from '../targets/target.ts';
import { targetChanged } from '../targets/target-changed.ts';
import { applyPublication, type PublicationRequest, planPublication } from './publish.ts';

const keys = makeKeys(3);
const [one, two] = [keys.slice(0, 1), keys.slice(1, 2)];
const { discovery, jwks, notes } = PUBLICATION_PATHS;

async function publish(request: PublicationRequest): Promise<readonly string[]> {
  return (await applyPublication(await planPublication(request))).written;
}

async function documentAt(target: PublicationTarget, path: string): Promise<JsonObject> {
  return asObject(JSON.parse((await target.read(path))?.content ?? '{}')) ?? {};
}

async function publishedIds(target: PublicationTarget): Promise<readonly unknown[]> {
  return (asArray((await documentAt(target, jwks))['keys']) ?? []).map((key) => asObject(key)?.['kid']);
}

async function store(target: PublicationTarget, path: string, content: string): Promise<void> {
  await target.replace(
    path,
    { content, contentType: '', cacheControl: '' },
    (await target.read(path))?.revision,
  );
}

test('the keys are written first, then the discovery document; a second run writes nothing', async () => {
  const target = createMemoryTarget();
  assert.deepEqual(await publish(publicationOf(keys, { target })), [jwks, discovery]);
  assert.deepEqual(await publish(publicationOf(keys, { target })), []);
  assert.deepEqual(await publish(publicationOf(keys.toReversed(), { target })), []);
});

test('a plan writes nothing', async () => {
  const target = createMemoryTarget();
  const plan = await planPublication(publicationOf(keys, { target }));
  assert.deepEqual(
    plan.writes.map(({ path }) => path),
    [jwks, discovery],
  );
  assert.equal(await target.read(jwks), undefined);
});

test('a removed key is noted once, kept for a token lifetime, and dropped only by prune', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  const [kept] = keys;
  const left = keys.slice(1);
  assert.deepEqual(await publish(publicationOf(left, { target, at: 100 })), [notes]);
  assert.deepEqual(await documentAt(target, notes), {
    unservedSince: { [String(kept?.kid)]: '1970-01-01T00:01:40.000Z' },
  });
  assert.deepEqual(await publish(publicationOf(left, { target, at: 200 })), []);
  const almost = { target, prune: true, at: 99 + DAY_SECONDS };
  assert.deepEqual(await publish(publicationOf(left, almost)), []);
  assert.deepEqual(await publish(publicationOf(left, { ...almost, at: 100 + DAY_SECONDS })), [jwks, notes]);
  assert.equal((await publishedIds(target)).length, 2);
  assert.deepEqual(await documentAt(target, notes), { unservedSince: {} });
});

test('a key that comes back loses its note', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  await publish(publicationOf(one, { target, at: 100 }));
  assert.deepEqual(await publish(publicationOf(keys, { target, at: 200 })), [notes]);
  await publish(publicationOf(one, { target, at: 300 }));
  assert.deepEqual(await publish(publicationOf(one, { target, prune: true, at: 250 + DAY_SECONDS })), []);
});

test('a key dropped by name goes at once and leaves no note', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  const dropKeyIds = new Set(two.map(({ kid }) => kid));
  const left = [...one, ...keys.slice(2)];
  assert.deepEqual(await publish(publicationOf(left, { target, dropKeyIds })), [jwks]);
  await assert.rejects(publish(publicationOf(keys, { target, dropKeyIds })), { code: 'KEY_STILL_SERVED' });
});

test('prune asks the API server before it drops a key that the files lack', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  const request = publicationOf(one, { target, prune: true, stillServedBy: sourceOf(keys) });
  await assert.rejects(publish(request), { code: 'KEY_STILL_SERVED' });
});

test('while the API server serves a key that the files lack, its wait does not start', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  const live = { target, stillServedBy: sourceOf(keys) };
  assert.deepEqual(await publish(publicationOf(one, live)), []);
  const gone = { target, stillServedBy: sourceOf(one), prune: true, at: 9 * DAY_SECONDS };
  assert.deepEqual(await publish(publicationOf(one, gone)), [notes]);
  assert.equal((await publishedIds(target)).length, 3);
});

test('an API server that cannot be asked only prevents dropping keys', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(keys, { target }));
  const silent = { name: 'API server', read: () => Promise.reject(new Error('silent')) };
  assert.deepEqual(await publish(publicationOf(one, { target, stillServedBy: silent })), [notes]);
  await assert.rejects(publish(publicationOf(one, { target, stillServedBy: silent, prune: true })), /silent/);
});

test('a key set elsewhere on the site is continued, with all its members', async () => {
  const target = createMemoryTarget();
  await publish(publicationOf(one, { target }));
  const elsewhere = '/one/keys.json';
  await store(target, elsewhere, (await target.read(jwks))?.content ?? '');
  await target.remove(jwks);
  const uri = `${PUBLICATION_ISSUER}/keys.json`;
  await store(
    target,
    discovery,
    JSON.stringify({ issuer: PUBLICATION_ISSUER, jwks_uri: uri, service: 'mine' }),
  );
  assert.deepEqual(await publish(publicationOf(two, { target })), [notes, elsewhere, discovery]);
  const document = await documentAt(target, discovery);
  assert.equal(document['jwks_uri'], uri);
  assert.equal(document['service'], 'mine');
  assert.equal(asArray((await documentAt(target, elsewhere))['keys'])?.length, 2);
});

const unusable: readonly (readonly [string, string, string, string])[] = [
  ['JSON that is not a key set', jwks, '[]', 'INVALID_KEY_SET'],
  ['a key set that is not JSON', jwks, '<html>', 'INVALID_KEY_SET'],
  ['an empty document', discovery, '', 'ISSUER_CONFLICT'],
  [
    'the document of another issuer',
    discovery,
    `{"issuer":"https://oidc.example.com/One","jwks_uri":"${PUBLICATION_ISSUER}/openid/v1/jwks"}`,
    'ISSUER_CONFLICT',
  ],
  [
    'a document whose keys are on another host',
    discovery,
    `{"issuer":"${PUBLICATION_ISSUER}","jwks_uri":"https://other.example.com/jwks"}`,
    'ISSUER_CONFLICT',
  ],
  ['notes without any entry', notes, '{}', 'INVALID_NOTES'],
  ['notes without a time', notes, '{"unservedSince":{"a":"soon"}}', 'INVALID_NOTES'],
];
for (const [name, path, content, code] of unusable) {
  test(`${name} is never overwritten`, async () => {
    const target = createMemoryTarget();
    await store(target, path, content);
    await assert.rejects(publish(publicationOf(keys, { target })), { code });
    assert.equal((await target.read(path))?.content, content);
  });
}

const issuers: readonly (readonly [string, boolean])[] = [
  ['http://oidc.example.com', false],
  ['https://oidc.example.com:8443', false],
  ['https://oidc.example.com?a', true],
  [`https://oidc.example.com/${'a'.repeat(250)}`, false],
];
for (const [issuer, allowPort] of issuers) {
  test(`not an issuer for IAM: ${issuer.slice(0, 40)}`, async () => {
    await assert.rejects(planPublication(publicationOf(keys, { issuer, allowPort })), {
      code: 'INVALID_ISSUER',
    });
  });
}

test('radosgw accepts an issuer with a port', async () => {
  const issuer = 'https://oidc.example.com:8443';
  const plan = await planPublication(publicationOf(keys, { issuer, allowPort: true }));
  assert.equal(plan.published.discovery['jwks_uri'], `${issuer}/openid/v1/jwks`);
});

/** Somebody else publishes between reading and writing, this many times. */
function contested(target: PublicationTarget, path: string, times: number): PublicationTarget {
  let left = times;
  return {
    ...target,
    replace: async (at, document, revision) => {
      if (at === path && left > 0) {
        left -= 1;
        await publish(publicationOf(keys.slice(2), { target }));
        throw targetChanged(at);
      }
      return target.replace(at, document, revision);
    },
  };
}

for (const path of [jwks, discovery]) {
  test(`plans again if somebody else wrote ${path}`, async () => {
    const target = createMemoryTarget();
    await applyPublication(await planPublication(publicationOf(one, { target: contested(target, path, 3) })));
    assert.equal((await publishedIds(target)).length, 2);
  });
}

test('gives up if that does not end', async () => {
  const target = contested(createMemoryTarget(), jwks, 9);
  await assert.rejects(publish(publicationOf(one, { target })), { code: 'TARGET_CHANGED' });
});
