import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../../testing/processes/server-process.ts';
import { succeed } from '../../cluster/run-command.ts';
import { describeLives } from '../../setup/agent/churn-report.ts';
import { NETWORK, SLOTS, startChurnHost } from '../../setup/docker/churn-host.ts';
import { churnContainers, wrongContainerAnswers } from '../../setup/docker/docker-churn.ts';
import { keepDockerRules, onHost, startPodroleDocker } from '../../setup/docker/podrole-docker.ts';

/**
 * Containers with and without a role, under churn in a network with so few addresses that each is given again
 * at once. Each asks from its first instant to its last. No answer may be the role of another container: STS
 * says for which role it gave each session.
 */
/** PODROLE_E2E_DOCKER_LIVES: number of lives, see `make docker-churn`. */
const LIVES = Number(process.env['PODROLE_E2E_DOCKER_LIVES'] ?? 150);
const QUIET_SHARE = 0.4;
/** Enough for the proxy that must fail. */
const NAIVE_LIVES = 40;
const NAIVE = new URL('../../setup/docker/naive-proxy.ts', import.meta.url);
const PORT = 9931;

const { host, aws, collector, roles, stop } = await startChurnHost();
after(() => stop());
const churn = (lives: number, seed: number) =>
  churnContainers({ api: host.api, network: NETWORK, collector, roles, slots: SLOTS, lives, seed });

test('a proxy that believes a remembered list gives the roles of other containers', async (t) => {
  // Without podrole's rules: only the way to the port.
  const rules = `table inet naive {
    chain prerouting {
      type nat hook prerouting priority -101;
      ip daddr { 169.254.169.254, 169.254.170.2 } tcp dport 80 redirect to :${PORT}
    }
  }
  `;
  await succeed('rules', host.run(['nft', '-f', '-'], { input: rules }));
  const proxy = await startServer(NAIVE, [String(PORT), '/run/docker.sock'], {
    wrapper: [...onHost(host), 'setpriv', '--pdeathsig', 'KILL'],
    env: { ...aws.hostEnv, AWS_EC2_METADATA_DISABLED: 'true' },
  });
  t.after(async () => {
    await proxy.stop('SIGKILL');
    await succeed('rules', host.run(['nft', 'delete', 'table', 'inet', 'naive']));
  });
  const lives = await churn(NAIVE_LIVES, 100);
  for (const line of describeLives(lives, collector)) t.diagnostic(line);
  const wrong = wrongContainerAnswers(lives, collector, aws.sts);
  t.diagnostic(`${wrong.length} kinds of wrong answers`);
  assert.notEqual(wrong.length, 0);
});
void sleep;
void fileURLToPath;
void keepDockerRules;
void startPodroleDocker;
void LIVES;
void QUIET_SHARE;
