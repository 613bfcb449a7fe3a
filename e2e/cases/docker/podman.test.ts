import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { succeed } from '../../cluster/run-command.ts';
import {
  CONTAINER_CREDENTIALS,
  credentialsByMetadata,
  curlCertain,
  type InContainer,
  parseCredentials,
  ROLES,
  s3Request,
  sessionTokenOption,
} from '../../setup/docker/credential-steps.ts';
import { BUCKET } from '../../setup/docker/host-aws.ts';
import { PODMAN_SOCKET, startPodmanHost } from '../../setup/docker/podman-host.ts';
import { keepDockerRules, startPodroleDocker } from '../../setup/docker/podrole-docker.ts';
import { FLUENT, labelled, PHP, startContainer, startRecipeSite } from '../../setup/docker/recipe-site.ts';
import { inNetworkOf, steal } from '../../setup/docker/thief.ts';

/** The recipe of 2015 with Podman: containers of root in networks of netavark, by the API of its service. */
const site = await startRecipeSite(startPodmanHost);
after(() => site.stop());
const { host, aws, metadata } = site;
await keepDockerRules(host);
const podrole = await startPodroleDocker(host, { ...aws.hostEnv, DOCKER_HOST: `unix://${PODMAN_SOCKET}` }, [
  ...['--allow', `${site.fluent},${site.php}`, '--base-role-arn', aws.roleBase],
]);
after(() => podrole.stop('SIGKILL'));
const fluent = await startContainer(host, FLUENT, ...labelled(site.fluent));
const php = await startContainer(host, PHP, '--env', `IAM_ROLE=${PHP}`);

async function put(run: InContainer, key: string, ...options: readonly string[]): Promise<number> {
  const credentials = await credentialsByMetadata(run, ...options);
  return (await s3Request(run, `${aws.s3Url}/${BUCKET}/${key}`, credentials, '-X', 'PUT', '-d', key)).status;
}

async function roleOf(run: InContainer): Promise<string> {
  const { status, body } = await curlCertain(run, ROLES);
  return status === 200 ? body : `${status}`;
}

test('fluent may put to the bucket and php may not, with and without a session token', async () => {
  assert.equal(await put(fluent, 'podman-fluent'), 200);
  assert.equal(await put(php, 'podman-php'), 403);
  assert.equal(await put(fluent, 'podman-fluent-v2', ...(await sessionTokenOption(fluent))), 200);
});

test('container credentials', async () => {
  const { accessKeyId } = parseCredentials(await curlCertain(php, CONTAINER_CREDENTIALS));
  assert.equal(aws.sts.roleOf(accessKeyId), site.php);
});

test('a container without a role, and one with a role that is not allowed, are refused', async () => {
  assert.equal(await roleOf(await startContainer(host, 'none')), '403');
  const other = await startContainer(host, 'other', ...labelled(`${aws.roleBase}other`));
  assert.equal(await roleOf(other), '403');
});

test('a container on the network of another one counts as that one', async () => {
  assert.equal(
    await roleOf(await startContainer(host, 'beside', '--network', `container:${FLUENT}`)),
    FLUENT,
  );
});

test('a container on the network of the host has the metadata of the host', async () => {
  const run = await startContainer(host, 'on-host', '--network', 'host', ...labelled(site.fluent));
  assert.equal(await roleOf(run), metadata.role);
});

test('a container has its role in a network of its own, also after a restart and a pause', async () => {
  await host.client('network', 'create', '--subnet', '10.203.1.0/24', 'front');
  const run = await startContainer(host, 'in-front', '--network', 'front', ...labelled(site.php));
  assert.equal(await roleOf(run), PHP);
  await host.client('restart', '--time', '0', 'in-front');
  assert.equal(await roleOf(run), PHP);
  await host.client('pause', 'in-front');
  await host.client('unpause', 'in-front');
  assert.equal(await roleOf(run), PHP);
});

test('an address that another container takes over brings the role of its new owner', async () => {
  for (const [index, role] of [FLUENT, PHP, FLUENT, PHP].entries()) {
    const options = ['--network', 'front', '--ip', '10.203.1.77', '--env', `IAM_ROLE=${role}`];
    const run = await startContainer(host, `owner-${index}`, ...options);
    assert.equal(await roleOf(run), role);
    await host.client('rm', '--force', '--time', '0', `owner-${index}`);
  }
});

test('a container that takes the address and the MAC of a silent one does not get its role', async (t) => {
  await host.client('network', 'create', '--subnet', '10.203.2.0/24', 'back');
  // In the second network, the interface of the victim has an index that only the first one of others has.
  const networks = ['--network', 'back', '--network', 'podman'];
  const victim = await startContainer(host, 'victim', ...networks, ...labelled(site.fluent));
  assert.equal(await roleOf(victim), FLUENT);
  const shown = await host.client('inspect', '--format', '{{json .NetworkSettings.Networks}}', 'victim');
  // A packet of the victim would bring its MAC back to its own port for a moment. That is the limit of
  // `decideContainer`, and not what this is about.
  const ofVictim = await inNetworkOf(host, 'victim');
  for (const device of ['eth0', 'eth1']) {
    await succeed(`${device} of the victim`, ofVictim(['ip', 'link', 'set', device, 'down']));
  }
  for (const [network, { IPAddress: address, MacAddress: mac }] of Object.entries<Place>(JSON.parse(shown))) {
    await startContainer(host, `thief-${network}`, '--network', network);
    const inNetwork = await inNetworkOf(host, `thief-${network}`);
    const answers = await steal(inNetwork, { address, mac });
    for (const answer of new Set(answers.trim().split('\n'))) t.diagnostic(answer.slice(0, 200));
    assert.equal(answers.includes(`200 ${FLUENT}`), false, answers);
  }
});

interface Place {
  readonly IPAddress: string;
  readonly MacAddress: string;
}
