import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLives } from '../../setup/agent/churn-report.ts';
import { NETWORK, SLOTS, startChurnHost } from '../../setup/docker/churn-host.ts';
import { churnContainers, wrongContainerAnswers } from '../../setup/docker/docker-churn.ts';
import { startNaiveProxy } from '../../setup/docker/naive-process.ts';
import {
  type DockerProcess,
  keepDockerRules,
  startPodroleDocker,
} from '../../setup/docker/podrole-docker.ts';

/**
 * Containers with and without a role, under churn in a network with so few addresses that each is given again
 * at once. Each asks from its first instant to its last. No answer may be the role of another container: STS
 * says for which role it gave each session.
 */
/** PODROLE_E2E_DOCKER_LIVES: number of lives of the long run, see `make docker-churn`. */
const LIVES = Number(process.env['PODROLE_E2E_DOCKER_LIVES'] ?? 120);
/** The others in equal parts under each disturbance. */
const QUIET_SHARE = 0.4;
/** Enough for the proxy that must fail. */
const NAIVE_LIVES = 20;
const FROZEN_MS = 2_000;
const LIVES_BETWEEN = 6;

const { host, aws, collector, roles, stop } = await startChurnHost();
after(() => stop());
const churn = (lives: number, seed: number, onEnd?: () => void) =>
  churnContainers({
    ...{ api: host.api, network: NETWORK, collector, roles, slots: SLOTS, lives, seed },
    ...(onEnd && { onEnd }),
  });

test('a proxy that believes a remembered list gives the roles of other containers', async (t) => {
  t.after(await startNaiveProxy(host, aws.hostEnv));
  const lives = await churn(NAIVE_LIVES, 100);
  for (const line of describeLives(lives, collector)) t.diagnostic(line);
  assert.notEqual(wrongContainerAnswers(lives, collector, aws.sts).length, 0);
});

const allowed = ['--allow', `${aws.roleBase}churn-*`];
const startPodrole = () => startPodroleDocker(host, aws.hostEnv, allowed);
let podrole: DockerProcess;
// Not before the first test has ended: both need the port.
test('podrole is ready', async () => {
  await keepDockerRules(host);
  podrole = await startPodrole();
});
after(() => podrole.stop('SIGKILL'));

interface Disturbance {
  readonly what: string;
  /** Done once before. */
  readonly prepare?: () => Promise<void>;
  /** Done each time that some lives have ended, while others go on. */
  readonly disturb?: () => Promise<unknown>;
}

/** A container that ignores SIGTERM holds up the end of the daemon for this many seconds. */
const RESTARTING = ['--shutdown-timeout=1'];
const KEEPING = ['--live-restore'];
const restart = async (flags: readonly string[], signal: NodeJS.Signals = 'SIGTERM') => {
  await host.stopDaemon(signal);
  await host.startDaemon(flags);
};

const DISTURBANCES: readonly Disturbance[] = [
  { what: 'nothing disturbs' },
  {
    what: 'podrole is killed and started again',
    disturb: async () => {
      await podrole.stop('SIGKILL');
      podrole = await startPodrole();
    },
  },
  {
    what: 'the daemon freezes',
    disturb: async () => {
      host.signalDaemon('SIGSTOP');
      await sleep(FROZEN_MS);
      host.signalDaemon('SIGCONT');
    },
  },
  {
    what: 'the daemon restarts and its containers live on',
    prepare: () => restart(KEEPING),
    disturb: () => restart(KEEPING, 'SIGKILL'),
  },
  {
    what: 'the daemon restarts and ends its containers',
    prepare: () => restart(RESTARTING),
    disturb: () => restart(RESTARTING),
  },
];

for (const [index, { what, prepare, disturb }] of DISTURBANCES.entries())
  test(`never the role of another container while ${what}`, async (t) => {
    await prepare?.();
    const share = index === 0 ? QUIET_SHARE : (1 - QUIET_SHARE) / (DISTURBANCES.length - 1);
    const disturbing = disturbEvery(LIVES_BETWEEN, disturb);
    const lives = await churn(Math.round(LIVES * share), index + 1, disturbing.countLife);
    t.diagnostic(`disturbed ${await disturbing.end()} times`);
    for (const line of describeLives(lives, collector)) t.diagnostic(line);
    assert.deepEqual(wrongContainerAnswers(lives, collector, aws.sts), []);
    // Whoever waited for credentials got them.
    const unserved = lives.filter(({ role, served, isShort }) => role !== undefined && !isShort && !served);
    assert.deepEqual(
      unserved.map(({ uid }) => collector.answersTo(uid)),
      [],
    );
  });

/** Does something each time that so many lives have ended, never twice at the same time. */
function disturbEvery(lives: number, action: (() => Promise<unknown>) | undefined) {
  let [ended, times] = [0, 0];
  let last: Promise<unknown> | undefined;
  let isDone = true;
  return {
    countLife: () => {
      ended += 1;
      if (!action || !isDone || ended < lives) return;
      [ended, times, isDone] = [0, times + 1, false];
      last = action().finally(() => {
        isDone = true;
      });
      last.catch(() => undefined);
    },
    /** Returns how often. @throws what the last one threw */
    end: async () => {
      await last;
      return times;
    },
  };
}
