import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import { FORGE } from '../../setup/agent/stranger-scripts.ts';
import { curl, curlCertain, type InContainer, ROLES } from '../../setup/docker/credential-steps.ts';
import { BRIDGE_GATEWAY, startDockerHost } from '../../setup/docker/docker-host.ts';
import { keepDockerRules, startPodroleDocker } from '../../setup/docker/podrole-docker.ts';
import { FLUENT, labelled, startContainer, startRecipeSite } from '../../setup/docker/recipe-site.ts';
import { inNetworkOf, steal } from '../../setup/docker/thief.ts';
import { UPLINK } from '../../setup/docker/uplink.ts';

/**
 * Only containers of the host get something from podrole, each its own role, and only by the redirect. The
 * network namespace of e2e is another machine here.
 */
const PORT = 9931;
const PATH = new URL(ROLES).pathname;
const BRIDGES = '172.17.0.0/16';
const site = await startRecipeSite(startDockerHost);
after(() => site.stop());
const { host, aws } = site;
await keepDockerRules(host);
const podrole = await startPodroleDocker(host, aws.hostEnv, ['--allow', site.fluent]);
after(() => podrole.stop('SIGKILL'));
const victim = await startContainer(host, FLUENT, ...labelled(site.fluent));
const address = (await host.client('inspect', '--format', '{{.NetworkSettings.IPAddress}}', FLUENT)).trim();
assert.equal((await curlCertain(victim, ROLES)).body, FLUENT);

const onHost: InContainer = (command) => host.run(command);
const outside: InContainer = ([program = '', ...args]) => runCommand(program, args);

/** Gives the outside routes to the host. @returns what removes them */
async function routesToHost(): Promise<() => Promise<void>> {
  const change = (verb: string, range: string) =>
    runCommand('ip', ['route', verb, range, 'via', UPLINK.host]);
  const ranges = ['169.254.0.0/16', BRIDGES];
  for (const range of ranges) await succeed(`route to ${range}`, change('add', range));
  return async () => {
    for (const range of ranges) await change('del', range);
  };
}

test('the port itself serves nobody: no container, not the host, no other machine', async (t) => {
  t.after(await routesToHost());
  for (const [who, run] of Object.entries({ victim, onHost, outside })) {
    for (const target of [UPLINK.host, BRIDGE_GATEWAY, '127.0.0.1']) {
      const { status } = await curl(run, `http://${target}:${PORT}${PATH}`, '--max-time', '3');
      assert.equal(status, 0, `${who} at ${target}`);
    }
  }
});

test('another machine that sends metadata requests to the host gets no role', async (t) => {
  t.after(await routesToHost());
  for (const target of ['169.254.170.2', '169.254.170.23']) {
    const { body } = await curl(outside, `http://${target}/v1/credentials`, '--max-time', '3');
    assert.doesNotMatch(body, /AccessKeyId/);
  }
});

test('a forged source brings nothing to its sender', async (t) => {
  t.after(await routesToHost());
  await startContainer(host, 'forger');
  for (const run of [await inNetworkOf(host, 'forger'), outside]) {
    for (const [target, port] of [['169.254.170.2', 80] as const, [UPLINK.host, PORT] as const]) {
      const forging = run(['python3', '-c', FORGE, address, target, String(port)]);
      assert.equal((await succeed('forgery', forging)).trim(), '0');
    }
  }
});

test('a container that takes the address of another one does not get its role', async (t) => {
  await startContainer(host, 'thief');
  const answers = await steal(await inNetworkOf(host, 'thief'), { address });
  for (const answer of new Set(answers.trim().split('\n'))) t.diagnostic(answer.slice(0, 200));
  assert.equal(answers.includes(`200 ${FLUENT}`), false, answers);
});

test('a header that names another container changes nothing', async () => {
  const other = await startContainer(host, 'other');
  for (const header of ['X-Forwarded-For', 'X-Real-IP', 'Forwarded'])
    assert.equal((await curlCertain(other, ROLES, '-H', `${header}: ${address}`)).status, 403);
});
