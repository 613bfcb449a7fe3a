import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { keyId } from '../keys/keys.ts';
import type { ServedKey } from '../keys/served-key.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import { watchPublication } from './check-loop.ts';
import { createWatchJournal } from './journal.ts';
import { createWatchMetrics } from './metrics.ts';

const ISSUER = 'https://oidc.example.com/one';
const JWKS = '/one/openid/v1/jwks';
const INTERVAL_MS = 30_000;
const KEYS: readonly ServedKey[] = Array.from({ length: 2 }, () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: keyId(publicKey), publicKey };
});

type Site = ReturnType<typeof createSite>;
let site: Site;
beforeEach(() => {
  site = createSite();
});

/** A publisher on virtual time, whose source and target the test controls. */
function createSite() {
  const time = createVirtualTime();
  const clock = time.clock();
  const journal = createWatchJournal(clock, true);
  const registry = createWatchMetrics(journal, clock);
  const target = createMemoryTarget();
  const stop = new AbortController();
  const { logger, text } = collectLog();
  const made = {
    time,
    journal,
    target,
    stop,
    log: text,
    served: KEYS.slice(0, 1),
    /** Awaited before the source answers; before the target writes. */
    beforeRead: async (_signal: AbortSignal) => {},
    beforeWrite: async (_path: string) => {},
    checks: 0,
    writes: [] as string[],
    published: () => {
      const content = target.get(JWKS)?.content;
      return content === undefined ? [] : JSON.parse(content).keys.map(({ kid }: { kid: string }) => kid);
    },
    metric: async (name: string) =>
      new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(await registry.metrics())?.[1],
    start: () =>
      watchPublication(
        {
          prepare: async (signal) => ({
            issuer: ISSUER,
            target: {
              ...target,
              replace: async (path, document, revision) => {
                await made.beforeWrite(path);
                await target.replace(path, document, revision);
                made.writes.push(path);
              },
            },
            source: {
              name: 'source',
              read: async () => {
                made.checks += 1;
                await made.beforeRead(signal);
                return made.served;
              },
            },
            prune: false,
            tokenLifetimeSeconds: 86_400,
            x5c: false,
            now: clock.now,
            signal,
          }),
          intervalMs: INTERVAL_MS,
          clock,
          random: () => 0,
          journal,
          logger,
        },
        stop.signal,
      ),
  };
  return made;
}

const unreachable = () =>
  new PodroleError({ code: 'API_UNREACHABLE', object: 'API server', problem: 'is away', remedy: 'wait' });

test('publishes at once, follows the source within the interval, and writes only what differs', async () => {
  const watching = site.start();
  await site.time.pass(1);
  assert.deepEqual(site.published(), [KEYS[0]?.kid]);
  assert.equal(await site.metric('podrole_publication_keys'), '1');
  site.writes.length = 0;
  await site.time.pass(INTERVAL_MS);
  assert.deepEqual(site.writes, []);
  site.served = [...KEYS];
  await site.time.pass(INTERVAL_MS);
  assert.deepEqual(site.writes, [JWKS]);
  assert.deepEqual(site.published(), KEYS.map(({ kid }) => kid).toSorted());
  assert.equal(await site.metric('podrole_publication_keys'), '2');
  assert.equal(await site.metric('podrole_publication_checks_total{result="published"}'), '2');
  assert.equal(await site.metric('podrole_publication_checks_total{result="unchanged"}'), '1');
  assert.equal(site.checks, 3);
  site.stop.abort();
  await watching;
});

test('a change of the publication by somebody else is undone', async () => {
  site.start();
  await site.time.pass(1);
  await site.target.remove(JWKS);
  await site.time.pass(INTERVAL_MS);
  assert.deepEqual(site.published(), [KEYS[0]?.kid]);
});

test('a failure is logged and tried again, soon at first and at least once per interval', async () => {
  site.beforeRead = async () => {
    throw unreachable();
  };
  site.start();
  // Without jitter half of 1, 2, 4, 8, 16 and then 30 s.
  await site.time.pass(15_500);
  assert.equal(site.checks, 6);
  await site.time.pass(4 * INTERVAL_MS);
  assert.equal(site.checks, 6 + 8);
  assert.match(site.log(), /API_UNREACHABLE/);
  assert.equal(await site.metric('podrole_publication_checks_total{result="failed"}'), '14');
  assert.equal(await site.metric('podrole_publication_check_age_seconds'), '135.5');
  assert.equal(await site.metric('podrole_publication_last_success_timestamp_seconds'), undefined);
  assert.equal(await site.metric('podrole_publication_drift'), undefined, 'nobody knows');
  site.beforeRead = async () => {};
  await site.time.pass(INTERVAL_MS);
  assert.deepEqual(site.published(), [KEYS[0]?.kid]);
  assert.equal(await site.metric('podrole_publication_drift'), '0');
});

test('after a success the retries start again; a slow check does not lengthen the interval', async () => {
  site.beforeRead = async () => {
    if (site.checks <= 3 || site.checks === 5) throw unreachable();
    await new Promise<void>((resolve) => site.time.clock().after(10_000, resolve));
  };
  site.start();
  await site.time.pass(500 + 1_000 + 2_000 + 10_000);
  assert.equal(site.checks, 4);
  // The fifth begins an interval after the fourth began, and fails; the sixth follows it soon.
  await site.time.pass(INTERVAL_MS - 10_000);
  assert.equal(site.checks, 5);
  await site.time.pass(500);
  assert.equal(site.checks, 6);
});

test('a difference that cannot be corrected is drift until it can', async () => {
  site.start();
  await site.time.pass(1);
  site.served = [...KEYS];
  site.beforeWrite = async () => {
    throw new PodroleError({ code: 'TARGET_UNWRITABLE', object: 't', problem: 'is full', remedy: 'r' });
  };
  await site.time.pass(INTERVAL_MS);
  assert.equal(await site.metric('podrole_publication_drift'), '1');
  assert.equal(await site.metric('podrole_publication_keys'), '1', 'those that are public');
  site.beforeWrite = async () => {};
  await site.time.pass(INTERVAL_MS);
  assert.equal(await site.metric('podrole_publication_drift'), '0');
  assert.equal(await site.metric('podrole_publication_keys'), '2');
});

test('a check that does not end is given up', async () => {
  site.beforeRead = (signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  site.start();
  await site.time.pass(59_999);
  assert.equal(site.checks, 1);
  site.beforeRead = async () => {};
  await site.time.pass(2_000);
  assert.match(site.log(), /CHECK_TIMEOUT/);
  assert.deepEqual(site.published(), [KEYS[0]?.kid]);
});

test('nothing is kept of a finished check: its signal is aborted, so that Node releases it', async () => {
  const signals: AbortSignal[] = [];
  site.beforeRead = async (signal) => {
    assert.equal(signal.aborted, false);
    signals.push(signal);
  };
  site.start();
  await site.time.pass(1 + INTERVAL_MS);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test('at the end, the document in progress is written, and no other', async () => {
  let finishWrite = () => {};
  site.beforeWrite = () =>
    new Promise((resolve) => {
      finishWrite = resolve;
    });
  const watching = site.start();
  await site.time.pass(1);
  site.stop.abort();
  finishWrite();
  await watching;
  assert.deepEqual(site.writes, [JWKS], 'keys first; the discovery document was not begun');
  assert.equal(await site.metric('podrole_publication_checks_total{result="failed"}'), '0');
});

test('a replica that does not lead knows nothing about the publication', async () => {
  const watching = site.start();
  await site.time.pass(1);
  assert.equal(await site.metric('podrole_publisher_is_leader'), '1');
  site.stop.abort();
  await watching;
  assert.equal(await site.metric('podrole_publisher_is_leader'), '0');
  for (const name of ['check_age_seconds', 'keys', 'drift', 'last_success_timestamp_seconds']) {
    assert.equal(await site.metric(`podrole_publication_${name}`), undefined, name);
  }
});
