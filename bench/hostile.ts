import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { measureJson, whyTooLarge } from '../lib/json/json-bounds.ts';
import { HOSTILE_PODS, type HostilePod, hostileReview } from '../testing/admission/hostile-pods.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';
import { startPodrole } from '../testing/processes/server-process.ts';
import type { BenchRun } from './bench-run.ts';
import { writeBenchFiles } from './files.ts';
import { memoryOf } from './memory.ts';
import { describeMemory } from './report.ts';

/** Largest request that an API server accepts. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
const ROUNDS = 5;
const LABEL_WIDTH = 80;

/**
 * Measures how long the bundled webhook takes for expensive pods of the largest possible size, one at a time.
 */
export async function measureHostile({ folder, start, print }: BenchRun): Promise<void> {
  const { cert, key } = await writeBenchFiles(folder);
  const accounts = join(folder, 'shop.json');
  const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web' };
  const metadata = { namespace: 'shop', name: 'web', annotations };
  await writeFile(accounts, JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }));
  const tls = ['--tls-cert', cert, '--tls-key', key];
  const args = ['webhook', ...tls, '--port', '0', '--metrics-port', '0', '--service-accounts', accounts];
  const { pid, port, atRest } = await start(() =>
    startPodrole([...args, '--sidecar-image', 'podrole'], {
      from: 'bundle',
      env: { NODE_ENV: 'production' },
      nodeArgs: launchOf('webhook').options,
    }),
  );
  print(`Webhook: hostile pods of up to ${MAX_BODY_BYTES} bytes, median and worst of ${ROUNDS}.\n`);
  let worst = 0;
  for (const hostile of HOSTILE_PODS) {
    if (hostile.account) continue;
    const body = largestReview(hostile);
    const tookMs: number[] = [];
    let status = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganMs = performance.now();
      status = await send(Number(port), body);
      tookMs.push(performance.now() - beganMs);
    }
    tookMs.sort((one, other) => one - other);
    const [median = 0, most = 0] = [tookMs[ROUNDS >> 1], tookMs.at(-1)];
    worst = Math.max(worst, most);
    const figures = `${median.toFixed(0)} ms, ${most.toFixed(0)} ms; ${body.length} bytes, answered ${status}`;
    print(`  ${hostile.name.padEnd(LABEL_WIDTH)}${figures}`);
  }
  print(`  ${'worst of all'.padEnd(LABEL_WIDTH)}${worst.toFixed(0)} ms`);
  print(describeMemory('at rest', atRest));
  print(`${describeMemory('after all of them', memoryOf(pid))}\n`);
}

/**
 * Returns the largest review of this kind that the webhook reads: it refuses more bytes, and more JSON
 * values, before.
 */
function largestReview({ pod, oldPod }: HostilePod): string {
  const bodyOf = (size: number) => JSON.stringify(hostileReview(pod(size), oldPod?.(size)));
  const isRead = (body: string) =>
    body.length <= MAX_BODY_BYTES && !whyTooLarge(measureJson(Buffer.from(body)));
  let [size, step] = [0, 1 << 21];
  while (step > 0) {
    if (isRead(bodyOf(size + step))) size += step;
    step >>= 1;
  }
  return bodyOf(size);
}

function send(port: number, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    // Certificate checks are not part of the measurement.
    const target = { host: '127.0.0.1', port, path: '/mutate', method: 'POST', rejectUnauthorized: false };
    const outgoing = request({ ...target, headers, agent: false }, (incoming) => {
      buffer(incoming).then(() => resolve(incoming.statusCode ?? 0), reject);
    });
    outgoing.on('error', reject).end(body);
  });
}
