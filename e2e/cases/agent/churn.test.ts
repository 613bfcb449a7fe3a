import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLives, wrongAnswers } from '../../setup/agent/churn-report.ts';
import { startChurnSite } from '../../setup/agent/churn-site.ts';
import { startFreezingProxy } from '../../setup/proxies/freezing-proxy.ts';

/**
 * Pods with and without a role, under churn on a bridge with so few addresses that each is given again at
 * once. Each asks from its first instant to its last. No answer may be the role of another pod: STS says for
 * which pod's token it gave each session.
 */
const ROLES = 50;
/** Fewer than pods, so that each waits for the address of another one. */
const ADDRESSES = 6;
const SLOTS = 12;
/** PODROLE_E2E_CHURN: number of lives of the long run, see `make agent-churn`. */
const LIVES = Number(process.env['PODROLE_E2E_CHURN'] ?? 200);
/** Two fifths of them in quiet, the others in equal parts under each disturbance. */
const QUIET_SHARE = 0.4;
const API_SERVER_PORT = 6443;

const site = await startChurnSite({ roles: ROLES, podNetwork: { type: 'bridge', addresses: ADDRESSES } });
const { cluster, node } = site;
after(() => site.stop());
const proxy = await startFreezingProxy(API_SERVER_PORT, cluster.address);
after(() => proxy.stop());
const startAgent = () => site.startAgent(`https://${cluster.address}:${proxy.port}`);
let agent = await startAgent();
after(() => agent.stop('SIGKILL'));

interface Disturbance {
  readonly what: string;
  /** Done again and again, with a pause, while pods come and go. */
  readonly disturb?: () => Promise<unknown>;
  readonly pauseMs?: number;
  /** Share of pods whose sandbox is killed. */
  readonly killedSandboxes?: number;
}

const DISTURBANCES: readonly Disturbance[] = [
  { what: 'nothing disturbs' },
  {
    what: 'the connections to the API server become silent',
    disturb: async () => proxy.freeze(),
    pauseMs: 3_000,
  },
  {
    what: 'the API server restarts',
    disturb: async () => {
      await cluster.stopApiServer();
      await cluster.startApiServer();
    },
    pauseMs: 8_000,
  },
  {
    what: 'the agent is killed and started again',
    disturb: async () => {
      await agent.stop('SIGKILL');
      agent = await startAgent();
    },
    pauseMs: 4_000,
  },
  { what: 'sandboxes crash', killedSandboxes: 0.5 },
  {
    what: 'kubelet restarts',
    disturb: async () => {
      await node.stopKubelet();
      node.startKubelet();
    },
    // After a start kubelet needs up to seven seconds until it synchronizes pods.
    pauseMs: 20_000,
  },
];

for (const [index, { what, disturb, pauseMs = 0, killedSandboxes = 0 }] of DISTURBANCES.entries())
  test(`never the role of another pod while ${what}`, async (t) => {
    const share = index === 0 ? QUIET_SHARE : (1 - QUIET_SHARE) / (DISTURBANCES.length - 1);
    const ended = new AbortController();
    const disturbing = repeat(ended.signal, pauseMs, disturb);
    const lives = await site
      .churn({ slots: SLOTS, lives: Math.round(LIVES * share), seed: index + 1, killedSandboxes })
      .finally(() => ended.abort());
    t.diagnostic(`disturbed ${await disturbing} times`);
    for (const line of describeLives(lives, site.collector)) t.diagnostic(line);
    assert.deepEqual(wrongAnswers(lives, site.collector, site.sts), []);
    // Whoever waited for credentials got them.
    const unserved = lives.filter(({ role, served, isShort }) => role !== undefined && !isShort && !served);
    assert.deepEqual(
      unserved.map(({ uid }) => site.collector.answersTo(uid)),
      [],
    );
  });

/** @returns how often */
async function repeat(
  signal: AbortSignal,
  pauseMs: number,
  action: (() => Promise<unknown>) | undefined,
): Promise<number> {
  let times = 0;
  for (; action && !signal.aborted; times += 1) {
    await action();
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return times;
}
