import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import {
  DAY_SECONDS,
  PUBLICATION_ISSUER,
  PUBLICATION_PATHS,
  publicationOf,
  servedKey,
} from '../../testing/oidc/publication.ts';
import type { ServedKey } from '../keys/served-key.ts';
import { createFolderTarget } from '../targets/folder.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import type { PublicationTarget } from '../targets/target.ts';
import { applyPublication, type PublicationRequest, planPublication } from './publish.ts';

interface Signer extends ServedKey {
  readonly token: string;
  readonly alg: string;
}

async function signer(alg: 'RS256' | 'ES256'): Promise<Signer> {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = servedKey(publicKey);
  const token = await new SignJWT({ iss: PUBLICATION_ISSUER })
    .setProtectedHeader({ alg, kid: key.kid })
    .sign(privateKey);
  return { ...key, token, alg };
}

const [old, current, next] = await Promise.all([signer('ES256'), signer('RS256'), signer('ES256')]);
const signers = [old, current, next];

/**
 * Returns the tokens that STS would accept, from the discovery document alone, which must list the key's
 * algorithm.
 */
async function accepted(target: PublicationTarget): Promise<readonly Signer[]> {
  const stored = await target.read(PUBLICATION_PATHS.discovery);
  if (!stored) return [];
  const document = asObject(JSON.parse(stored.content));
  const jwks = await target.read(new URL(asText(document?.['jwks_uri']) ?? '').pathname);
  assert.ok(jwks, 'the document names a key set that is there');
  const find = createLocalJWKSet(JSON.parse(jwks.content));
  const algorithms = (asArray(document?.['id_token_signing_alg_values_supported']) ?? []).map(String);
  const verdicts = await Promise.all(
    signers.map(({ token }) =>
      jwtVerify(token, find, { algorithms }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return signers.filter((_, at) => verdicts[at]);
}

class Interruption extends Error {}

/** Interrupts at a write, counted from 1: before it or after it. */
function breaking(target: PublicationTarget, at: number, when: 'before' | 'after'): PublicationTarget {
  let writes = 0;
  return {
    ...target,
    replace: async (...args) => {
      writes += 1;
      if (writes === at && when === 'before') throw new Interruption();
      await target.replace(...args);
      if (writes === at) throw new Interruption();
    },
  };
}

/**
 * History of a cluster: one key, a second key, the first key removed, and pruned when its last token has
 * expired.
 */
const steps: readonly { readonly keys: readonly Signer[]; readonly at: number; readonly prune?: true }[] = [
  { keys: [old], at: 0 },
  { keys: [old, current], at: 100 },
  { keys: [current, next], at: 200 },
  { keys: [current, next], at: 200 + DAY_SECONDS, prune: true },
  { keys: [old, current], at: 400 + DAY_SECONDS },
];

async function publish(request: PublicationRequest): Promise<void> {
  await applyPublication(await planPublication(request));
}

for (const [number, step] of steps.entries()) {
  const requestFor = (target: PublicationTarget): PublicationRequest =>
    publicationOf(step.keys, { target, at: step.at, prune: step.prune ?? false });
  const prepared = async () => {
    const target = createMemoryTarget();
    for (const { keys, at, prune = false } of steps.slice(0, number))
      await publish(publicationOf(keys, { target, at, prune }));
    return target;
  };
  test(`step ${number}, interrupted at each write, keeps the public documents valid; the next run ends as if nothing had happened`, async () => {
    const whole = await prepared();
    const plan = await planPublication(requestFor(whole));
    assert.ok(plan.writes.length > 0);
    await applyPublication(plan);
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at <= plan.writes.length; at += 1) {
        const target = await prepared();
        const before = await accepted(target);
        await assert.rejects(publish(requestFor(breaking(target, at, when))), Interruption);
        const afterwards = new Set(await accepted(target));
        const mayGo = step.prune ? new Set([old]) : new Set();
        for (const one of before)
          assert.ok(afterwards.has(one) || mayGo.has(one), `${one.alg} key lost ${when} ${at}`);
        await publish(requestFor(target));
        for (const path of [PUBLICATION_PATHS.discovery, PUBLICATION_PATHS.jwks]) {
          // A removal that was interrupted before its note was deleted is asked for again at once.
          assert.equal(
            (await target.read(path))?.content,
            (await whole.read(path))?.content,
            `${path} ${when} ${at}`,
          );
        }
      }
    }
  });
}

const folder = mkdtempSync(join(tmpdir(), 'podrole-killed-'));
after(() => rmSync(folder, { recursive: true }));
const CHILD = fileURLToPath(new URL('../../testing/oidc/publish-until-killed.ts', import.meta.url));

test('a process that is killed at any step leaves the folder valid, and the next run finishes', async () => {
  const keyFile = ({ kid, publicKey }: Signer) => {
    const path = join(folder, `${kid}.pub`);
    writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
    return path;
  };
  const site = join(folder, 'site');
  await publish(publicationOf([old], { target: createFolderTarget(site) }));
  const files = [current, next].map(keyFile);
  let kills = 0;
  for (let call = 1; ; call += 1) {
    const copy = join(folder, `killed-${call}`);
    cpSync(site, copy, { recursive: true });
    const args = [CHILD, String(call), copy, PUBLICATION_ISSUER, ...files];
    const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const target = createFolderTarget(copy);
    assert.ok((await accepted(target)).includes(old), `old tokens at call ${call}`);
    if (status === 0) {
      assert.deepEqual(await accepted(target), signers);
      break;
    }
    assert.equal(signal, 'SIGKILL', stderr);
    kills += 1;
    await publish(publicationOf([current, next], { target }));
    assert.deepEqual(await accepted(target), signers, `after call ${call}`);
    JSON.parse(readFileSync(join(copy, PUBLICATION_PATHS.notes), 'utf8'));
  }
  assert.ok(kills > 15, `${kills} kills`);
});
