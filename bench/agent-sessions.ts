import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exchangeForPods } from '../agent/sessions/exchange-for-pods.ts';
import { openPodSessions, type PodSessions } from '../agent/sessions/sessions-of-pods.ts';
import { systemClock } from '../lib/clock.ts';
import { drain } from '../lib/http/serve.ts';
import { samplePod } from '../testing/agent/sample-pod.ts';
import type { BenchRun } from './bench-run.ts';
import { line } from './report.ts';
import { startStsStandIn } from './servers/sts-stand-in.ts';

const PODS = [10, 50, 110];
const CALLERS = 10;

/**
 * Measures the sessions of the agent in this process: pods that start together, each with ten callers, and
 * the memory that their sessions take.
 */
export async function measureAgentSessions({ folder, print }: BenchRun): Promise<void> {
  print(`Agent: sessions of cold pods, ${CALLERS} callers each, from an STS that answers at once.\n`);
  const sts = await startStsStandIn();
  try {
    // The first exchanges load what all of them share.
    await measureColdPods({ count: 20, folder, stsUrl: sts.url });
    for (const count of PODS) {
      const { calls, tookMs, bytes } = await measureColdPods({ count, folder, stsUrl: sts.url });
      const kib = (bytes / count / 1_024).toFixed(1);
      print(line(`${count} pods`, `${calls} STS calls in ${tookMs.toFixed(0)} ms, ${kib} KiB of heap each`));
    }
    print('');
  } finally {
    await drain(sts.server, 0);
  }
}

interface ColdPods {
  readonly count: number;
  readonly folder: string;
  readonly stsUrl: string;
}

async function measureColdPods({ count, folder, stsUrl }: ColdPods) {
  const pods = Array.from({ length: count }, (_, at) => samplePod(`app-${at}`));
  for (const { uid } of pods) await writeToken(folder, uid);
  const before = heapBytes();
  let calls = 0;
  const pool = openPool(folder, stsUrl, () => {
    calls += 1;
  });
  const startedMs = performance.now();
  const served = pods.flatMap((pod) =>
    pod.grants.flatMap((grant) =>
      Array.from({ length: CALLERS }, () => pool.sessionsOf(pod, grant).current()),
    ),
  );
  await Promise.all(served);
  const tookMs = performance.now() - startedMs;
  served.length = 0;
  const bytes = heapBytes() - before;
  pool.stop();
  return { calls, tookMs, bytes };
}

function openPool(kubeletPodsFolder: string, stsUrl: string, onCall: () => void): PodSessions {
  const sts = { endpoint: new URL(stsUrl), caFile: undefined, durationSeconds: 3_600 };
  const clock = systemClock;
  return openPodSessions({
    exchange: exchangeForPods({ sts, region: 'eu-central-1', kubeletPodsFolder, clock }),
    clock,
    random: Math.random,
    onResult: onCall,
  });
}

async function writeToken(folder: string, uid: string): Promise<void> {
  const volume = join(folder, uid, 'volumes', 'kubernetes.io~projected', 'aws-iam-token');
  await mkdir(volume, { recursive: true });
  await writeFile(join(volume, 'token'), 'any-token-will-do');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
