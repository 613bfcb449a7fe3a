import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { succeed } from '../../cluster/run-command.ts';
import { askingPodSpec } from '../../setup/agent/agent-pods.ts';
import type { AgentProcess } from '../../setup/agent/agent-process.ts';
import { NAMESPACE, startChurnSite } from '../../setup/agent/churn-site.ts';
import { type Answers, isServed } from '../../setup/agent/collector.ts';
import { createPod } from '../../setup/pods/pods.ts';

/**
 * Many pods that stay, each with its own session: what they cost the node, and an upgrade of the agent under
 * them. PODROLE_E2E_FLEET: number of pods, see `make agent-figures`.
 */
const PODS = Number(process.env['PODROLE_E2E_FLEET'] ?? 12);
/** Memory is read when so many pods run. */
const STAGES = [10, 50, 110].filter((stage) => stage < PODS).concat(PODS);
const ROLES = 50;
const PAUSE_MS = 200;
const CREDENTIALS_MS = 120_000;
const UPGRADES = 2;
const AFTER_UPGRADE_MS = 2_000;

const site = await startChurnSite({
  roles: ROLES,
  podNetwork: { type: 'bridge', addresses: PODS + 10 },
});
const { cluster, node, collector, accounts } = site;
after(() => site.stop());
let agent = await site.startAgent();
after(() => agent.stop('SIGKILL'));

// docs/agent.md, "Upgrade and remove it": hundreds of new connections per second.
await succeed('tcp_migrate_req', node.run(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/tcp_migrate_req']));

const uids: string[] = [];

async function startUpTo(count: number): Promise<void> {
  const missing = Array.from({ length: count - uids.length }, (_, index) => uids.length + index);
  const pods = missing.map((index) => {
    const { name = '', role } = accounts[index % ROLES] ?? {};
    const spec = askingPodSpec({
      role,
      collector: collector.address,
      node: node.name,
      pauseMs: PAUSE_MS,
    });
    return createPod(cluster, NAMESPACE, name, { name: `steady-${index}`, spec });
  });
  uids.push(...(await Promise.all(pods)).map(({ metadata }) => metadata.uid));
}

const allServed = () =>
  Promise.all(
    uids.map(async (uid) => {
      const served = await collector.waitFor(uid, isServed, CREDENTIALS_MS);
      assert.ok(served, `credentials of pod ${uid}`);
      return served;
    }),
  );

/** Memory of the agent: resident, and what it shares with no other process. */
function memoryOf({ pid }: AgentProcess): string {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]);
  const mib = (value: number) => Math.round(value / 102.4) / 10;
  return `${mib(kib('Rss'))} MiB resident, ${mib(kib('Private_Clean') + kib('Private_Dirty'))} MiB of its own`;
}

test('each of many pods that start at once gets its session with one exchange', async (t) => {
  for (const stage of STAGES) {
    await startUpTo(stage);
    const served = await allServed();
    const times = served.map(({ beganMs, firstMs }) => firstMs - beganMs).sort((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))] ?? Number.NaN);
    t.diagnostic(
      `${stage} pods: ${memoryOf(agent)}; first credentials after ${at(0.5)} ms (median), ${at(1)} ms at most`,
    );
    assert.equal(site.sts.exchanged.length, stage);
  }
});

test('all sessions again after a restart: one exchange per pod, at once', async (t) => {
  await agent.stop('SIGKILL');
  const before = site.sts.exchanged.length;
  const keysBefore = new Set(site.sts.exchanged.map(({ accessKey }) => accessKey));
  const began = Date.now();
  agent = await site.startAgent();
  const isNew = ({ key }: Answers) => key !== undefined && !keysBefore.has(key);
  await Promise.all(uids.map((uid) => collector.waitFor(uid, isNew, CREDENTIALS_MS)));
  const last = Math.max(...site.sts.exchanged.map(({ at }) => at));
  t.diagnostic(`${PODS} cold pods: ${last - began} ms from the start of the agent to the last exchange`);
  assert.equal(site.sts.exchanged.length - before, PODS);
});

test('an upgrade of the agent while pods ask: no call fails', async (t) => {
  await sleep(AFTER_UPGRADE_MS);
  const failuresBefore = countFailures();
  for (let upgrade = 0; upgrade < UPGRADES; upgrade += 1) {
    const began = Date.now();
    const next = await site.startAgent();
    const ended = await agent.stop('SIGTERM');
    assert.equal(ended, 0);
    agent = next;
    t.diagnostic(`handed over in ${Date.now() - began} ms`);
    await sleep(AFTER_UPGRADE_MS);
  }
  assert.deepEqual(countFailures(), failuresBefore);
});

/** Returns what was not answered with success so far, by pod and reason. */
function countFailures(): readonly string[] {
  return uids.flatMap((uid) =>
    collector
      .answersTo(uid)
      .filter(({ status }) => status !== 200)
      .map(({ kind, status, reason, count }) => `${uid} ${kind}: ${status} ${reason}, ${count} times`),
  );
}
