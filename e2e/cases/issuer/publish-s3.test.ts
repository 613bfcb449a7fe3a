import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { awsEnvironment } from '../../aws/aws-server.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { type BucketContent, createPublicBucket } from '../../setup/aws/bucket.ts';
import { startBucketFront } from '../../setup/aws/bucket-front.ts';
import { MOMENTS, startWriteProxy } from '../../setup/proxies/write-proxy.ts';
import { spawnPodrole } from '../../setup/run-podrole.ts';

/**
 * The shipped `podrole publish` with a bucket of a third-party server, read anonymously, and killed at every
 * write.
 */
const HOST = 'oidc.example.test';
const ISSUER = `https://${HOST}/clusters/one`;
const DISCOVERY = 'site/clusters/one/.well-known/openid-configuration';
const JWKS = 'site/clusters/one/openid/v1/jwks';
const NOTES = 'site/clusters/one/.podrole/publication.json';
const JWKS_URI = `${ISSUER}/openid/v1/jwks`;
/** Before the longest token lifetime. */
const LONG_AGO = '2026-01-01T00:00:00.000Z';

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-publish-'));
after(() => rm(folder, { recursive: true, force: true }));
const file = async (name: string, content: string) => {
  await writeFile(path.join(folder, name), content);
  return path.join(folder, name);
};
const authority = await createAuthority('issuers');
const radosgw = await startRadosgw(authority.cert);
after(() => radosgw.stop());
const bucket = await createPublicBucket(radosgw, 'issuers');
/** For anonymous requests, which must name the tenant of a bucket. */
const PUBLIC = `${radosgw.url}/${radosgw.account}:issuers`;
const front = await startBucketFront(`${PUBLIC}/site`, HOST, authority);
after(() => front.stop());
const proxy = await startWriteProxy(radosgw.url);
after(() => proxy.stop());
const authorityFile = await file('ca.crt', authority.cert);
const [one, two] = [await createKey('one'), await createKey('two')];

test('a first publication writes two documents with their headers; a second run writes nothing', async () => {
  proxy.pass();
  const first = await publish(one);
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const content = await bucket.read();
  assert.deepEqual(Object.keys(content).sort(), [DISCOVERY, JWKS]);
  assert.match(content[DISCOVERY]?.contentType ?? '', /^application\/json/);
  assert.match(content[JWKS]?.contentType ?? '', /^application\/(jwk-set\+)?json/);
  assert.match(content[JWKS]?.cacheControl ?? '', /max-age=\d+/);
  assert.deepEqual(await (await fetch(`${PUBLIC}/${DISCOVERY}`)).json(), {
    issuer: ISSUER,
    jwks_uri: JWKS_URI,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['sub', 'iss'],
  });
  assert.deepEqual(kidsIn(content), [one.kid]);

  proxy.pass();
  assert.equal((await publish(one)).code, 0);
  assert.deepEqual([proxy.writes, await bucket.read()], [[], content]);
});

test('a dry run shows the difference and writes nothing', async () => {
  await bucket.restore({});
  const before = await bucket.read();
  proxy.pass();
  const { code, stdout, stderr } = await publish(two, ['--dry-run']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^\\+.*${two.kid}`, 'm'));
  assert.deepEqual([proxy.writes, await bucket.read()], [[], before]);
});

test('the documents of another issuer are not overwritten', async () => {
  const foreign = { [DISCOVERY]: { content: JSON.stringify({ issuer: `https://${HOST}/clusters/two` }) } };
  await bucket.restore(foreign);
  proxy.pass();
  const { code, stderr } = await publish(one);
  assert.equal(code, 3);
  assert.match(stderr, /ISSUER_CONFLICT|clusters\/two/);
  assert.deepEqual(proxy.writes, []);
});

test('a key that another publisher adds between reading and writing is not lost', async () => {
  const three = await createKey('three');
  const { [JWKS]: withTwo } = await afterPublishing({}, two);
  const before = await afterPublishing({}, one);
  await bucket.restore(before);
  proxy.meanwhile(() => bucket.restore({ ...before, ...(withTwo && { [JWKS]: withTwo }) }));
  const { code, stderr } = await publish(one, ['--key-file', three.file]);
  assert.equal(code, 0, stderr);
  assert.equal(proxy.writes.filter((write) => write === `PUT /issuers/${JWKS}`).length, 2);
  assert.deepEqual(kidsIn(await bucket.read()), [one.kid, two.kid, three.kid].sort());
});

/** Keys published at first, keys published next, and keys at the end. */
const changes = [
  { name: 'a first publication', before: async () => ({}), key: one, args: [], kids: [one.kid] },
  {
    name: 'a new key beside the old',
    before: () => afterPublishing({}, one),
    key: two,
    args: [],
    kids: [one.kid, two.kid],
  },
  {
    name: 'an old key dropped',
    before: async () => ({
      ...(await afterPublishing(await afterPublishing({}, one), two)),
      [NOTES]: { content: JSON.stringify({ unservedSince: { [one.kid]: LONG_AGO } }) },
    }),
    key: two,
    args: ['--prune'],
    kids: [two.kid],
  },
];
for (const change of changes)
  for (const moment of MOMENTS)
    test(`${change.name}, killed ${moment} each write: readers see the old or the new state, and the next run completes it`, async (t) => {
      const before = await change.before();
      let nth = 0;
      for (let wasCut = true; wasCut; ) {
        nth += 1;
        await bucket.restore(before);
        const run = start(change.key, change.args);
        proxy.cut(nth, moment, run.kill);
        const { code } = await run.result;
        wasCut = proxy.writes.length >= nth;
        assert.equal(code === 0, !wasCut, `${nth}. write`);
        expectWhole(before, await bucket.read(), change.kids);

        proxy.pass();
        const again = await publish(change.key, change.args);
        assert.equal(again.code, 0, again.stderr);
        assert.deepEqual(kidsIn(await bucket.read()), change.kids.toSorted());
      }
      assert.ok(nth > 1);
      t.diagnostic(`${nth - 1} writes`);
    });

/**
 * Asserts the view of readers: a document with the issuer and its key set, or none as before, and every old
 * key that must stay.
 */
function expectWhole(before: BucketContent, now: BucketContent, toStay: readonly string[]): void {
  const discovery = now[DISCOVERY]?.content;
  if (before[DISCOVERY]) assert.ok(discovery, 'the discovery document is gone');
  if (discovery !== undefined) {
    const { issuer, jwks_uri } = JSON.parse(discovery);
    assert.deepEqual([issuer, jwks_uri], [ISSUER, JWKS_URI]);
    assert.notDeepEqual(kidsIn(now), [], 'a discovery document without keys');
  }
  const kids = kidsIn(now);
  assert.ok(kidsIn(before).every((kid) => kids.includes(kid) || !toStay.includes(kid)));
}

function kidsIn(content: BucketContent): string[] {
  const { keys } = JSON.parse(content[JWKS]?.content ?? '{"keys":[]}') as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid).sort();
}

interface TestKey {
  /** Path of the public key, PEM. */
  readonly file: string;
  readonly kid: string;
}

async function createKey(name: string): Promise<TestKey> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    file: await file(`${name}.pub`, String(publicKey.export({ type: 'spki', format: 'pem' }))),
    // As kube-apiserver derives it.
    kid: createHash('sha256').update(der).digest('base64url'),
  };
}

function start(key: TestKey, args: readonly string[] = []) {
  return spawnPodrole(
    [
      ...['publish', '--issuer', ISSUER, '--to', 's3://issuers/site', '--key-file', key.file],
      ...['--verify-ca', authorityFile, ...args],
    ],
    awsEnvironment(radosgw, proxy.url),
  );
}

function publish(key: TestKey, args: readonly string[] = []) {
  return start(key, args).result;
}

/** Returns the bucket's content after the publication of a key. */
async function afterPublishing(before: BucketContent, key: TestKey): Promise<BucketContent> {
  await bucket.restore(before);
  proxy.pass();
  const { code, stderr } = await publish(key);
  assert.equal(code, 0, stderr);
  return bucket.read();
}
