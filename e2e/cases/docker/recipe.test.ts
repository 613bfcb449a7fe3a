import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import {
  CONTAINER_CREDENTIALS,
  credentialsByMetadata,
  curl,
  curlCertain,
  type InContainer,
  METADATA,
  parseCredentials,
  ROLES,
  s3Request,
  sessionTokenOption,
} from '../../setup/docker/credential-steps.ts';
import { BRIDGE_GATEWAY, startDockerHost } from '../../setup/docker/docker-host.ts';
import { BUCKET } from '../../setup/docker/host-aws.ts';
import {
  type DockerProcess,
  keepDockerRules,
  startPodroleDocker,
} from '../../setup/docker/podrole-docker.ts';
import { FLUENT, labelled, PHP, startContainer, startRecipeSite } from '../../setup/docker/recipe-site.ts';
import { UPLINK } from '../../setup/docker/uplink.ts';

/**
 * The recipe of 2015: two containers on one host, `fluent` may put to S3 and `php` may not, by curl's steps;
 * and what people wished for besides: roles by container, switched while it runs, and never the host's.
 */
const PORT = 9931;
const site = await startRecipeSite(startDockerHost);
after(() => site.stop());
const { host, aws, metadata } = site;
const bucket = `${aws.s3Url}/${BUCKET}`;
const roleFile = `${site.folder}/roles.yaml`;
const BY_FILE = 'by-file';

/** JSON is YAML. */
function writeRoles(role: string): void {
  writeFileSync(roleFile, JSON.stringify({ roles: [{ container: BY_FILE, role }] }));
}
writeRoles(site.php);
const ALLOWED = [
  ...['--allow', `${aws.roleBase}${FLUENT},${aws.roleBase}${PHP}`],
  ...['--base-role-arn', aws.roleBase],
];
const start = (...flags: readonly string[]) => startPodroleDocker(host, aws.hostEnv, flags);
await keepDockerRules(host);
let podrole: DockerProcess = await start(...ALLOWED, '--role-file', roleFile);
after(() => podrole.stop('SIGKILL'));

const fluent = await startContainer(host, FLUENT, ...labelled(site.fluent));
const php = await startContainer(host, PHP, ...labelled(site.php));
const inContainer =
  (name: string): InContainer =>
  (command) =>
    host.exec(name, command);
const onHost: InContainer = (command) => host.run(command);

/** Puts an object of this name; returns the status. */
async function put(run: InContainer, key: string, ...options: readonly string[]): Promise<number> {
  const credentials = await credentialsByMetadata(run, ...options);
  return (await s3Request(run, `${bucket}/${key}`, credentials, '-X', 'PUT', '-d', `from ${key}`)).status;
}

async function roleOf(run: InContainer): Promise<string> {
  const { status, body } = await curlCertain(run, ROLES);
  return status === 200 ? body : `${status}`;
}

test('fluent may put to the bucket and php may not, by the steps of instance metadata', async () => {
  assert.equal(await put(fluent, 'fluent-v1'), 200);
  assert.equal(await aws.read('fluent-v1'), 'from fluent-v1');
  assert.equal(await put(php, 'php-v1'), 403);
  assert.equal(await aws.read('php-v1'), undefined);
  // It has a role, which only has fewer rights.
  assert.equal((await s3Request(php, bucket, await credentialsByMetadata(php))).status, 200);
});

test('the same with a session token (IMDSv2)', async () => {
  assert.equal(await put(fluent, 'fluent-v2', ...(await sessionTokenOption(fluent))), 200);
  assert.equal(await put(php, 'php-v2', ...(await sessionTokenOption(php))), 403);
});

test('the session token of another container is refused', async () => {
  const option = await sessionTokenOption(fluent);
  assert.equal((await curlCertain(php, ROLES, ...option)).status, 401);
});

test('the same by container credentials', async () => {
  for (const [run, name, status] of [
    [fluent, FLUENT, 200],
    [php, PHP, 403],
  ] as const) {
    const credentials = parseCredentials(await curlCertain(run, CONTAINER_CREDENTIALS));
    assert.equal(aws.sts.roleOf(credentials.accessKeyId), `${aws.roleBase}${name}`);
    const answer = await s3Request(run, `${bucket}/${name}-uri`, credentials, '-X', 'PUT', '-d', name);
    assert.equal(answer.status, status);
  }
});

test('each container has a session of its own, named after it', async () => {
  const names = new Map(aws.sts.given.map(({ role, sessionName }) => [role, sessionName]));
  assert.match(names.get(site.fluent) ?? '', /fluent/);
  assert.match(names.get(site.php) ?? '', /php/);
});

test('a role is switched while the container runs: the next request has it', async () => {
  const run = await startContainer(host, BY_FILE);
  assert.equal(await roleOf(run), PHP);
  assert.equal(await put(run, 'switched-before'), 403);
  writeRoles(site.fluent);
  await waitFor(async () => (await roleOf(run)) === FLUENT, 'the new role');
  assert.equal(await put(run, 'switched-after'), 200);
  writeRoles(site.php);
  await waitFor(async () => (await roleOf(run)) === PHP, 'the former role');
  assert.equal(await put(run, 'switched-back'), 403);
});

test('IAM_ROLE names a role, and IAM_POLICY narrows it', async () => {
  const whole = await startContainer(host, 'by-variable', '--env', `IAM_ROLE=${FLUENT}`);
  assert.equal(await put(whole, 'variable'), 200);
  const listing = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }],
  });
  const variables = ['--env', `IAM_ROLE=${FLUENT}`, '--env', `IAM_POLICY=${listing}`];
  const narrowed = await startContainer(host, 'narrowed', ...variables);
  assert.equal(await put(narrowed, 'narrowed'), 403);
  assert.equal((await s3Request(narrowed, bucket, await credentialsByMetadata(narrowed))).status, 200);
  assert.equal(aws.sts.given.at(-1)?.policy, listing);
});

test('a container for which nothing names a role is refused', async () => {
  const run = await startContainer(host, 'without-role');
  for (const url of [ROLES, CONTAINER_CREDENTIALS]) {
    const { status, body } = await curlCertain(run, url);
    assert.equal(status, 403, body);
    assert.doesNotMatch(body, /AccessKeyId/);
  }
});

test('a role that --allow does not match is refused', async () => {
  const other = await aws.createRole('other', ['s3:PutObject']);
  const run = await startContainer(host, 'not-allowed', ...labelled(other));
  assert.equal((await curlCertain(run, ROLES)).status, 403);
  assert.equal(
    aws.sts.given.find(({ role }) => role === other),
    undefined,
  );
});

test('a container on the network of another one counts as that one', async () => {
  const run = await startContainer(host, 'beside-fluent', '--network', `container:${FLUENT}`);
  assert.equal(await roleOf(run), FLUENT);
  assert.equal(await put(run, 'beside'), 200);
});

test('the host, and a container on its network, have the own metadata of the host, and not the port', async () => {
  const run = await startContainer(host, 'host-network', '--network', 'host', ...labelled(site.fluent));
  for (const each of [run, onHost]) {
    assert.equal(await roleOf(each), metadata.role);
    for (const address of ['127.0.0.1', BRIDGE_GATEWAY, UPLINK.host])
      assert.notEqual((await curl(each, `http://${address}:${PORT}${new URL(ROLES).pathname}`)).status, 200);
  }
});

test('no container ever reaches the metadata of the host', async () => {
  const before = metadata.asked.length;
  for (const run of [fluent, php, inContainer('without-role')]) {
    for (const path of ['/', '/latest/', '/latest/dynamic/instance-identity/document', '/latest/user-data'])
      await curlCertain(run, `${METADATA}${path}`);
  }
  assert.deepEqual(metadata.asked.slice(before), []);
});

test('a container that is renamed keeps its role', async () => {
  await host.client('rename', PHP, 'renamed');
  assert.equal(await roleOf(inContainer('renamed')), PHP);
  await host.client('rename', 'renamed', PHP);
});

test('a renamed container gets the role of its new name in the role file', async () => {
  const run = await startContainer(host, 'not-in-file');
  assert.equal(await roleOf(run), '403');
  await host.client('rm', '--force', BY_FILE);
  await host.client('rename', 'not-in-file', BY_FILE);
  await waitFor(async () => (await roleOf(inContainer(BY_FILE))) === PHP, 'the role of the new name');
});

test('a container that was paused has its role again', async () => {
  await host.client('pause', PHP);
  await host.client('unpause', PHP);
  assert.equal(await roleOf(php), PHP);
});

test('a restarted container has its role again', async () => {
  await host.client('restart', '--time', '0', PHP);
  assert.equal(await roleOf(php), PHP);
});

test('a container has its role in each of its networks, also in one that it joins later', async () => {
  await host.client('network', 'create', '--subnet', '10.203.1.0/24', 'front');
  await host.client('network', 'create', '--subnet', '10.203.2.0/24', 'back');
  const run = await startContainer(host, 'networks', '--network', 'front', ...labelled(site.fluent));
  assert.equal(await roleOf(run), FLUENT);
  await host.client('network', 'connect', 'back', 'networks');
  assert.equal(await roleOf(run), FLUENT);
  // Its requests come by the other network then, from its address there.
  await host.client('network', 'disconnect', 'front', 'networks');
  assert.equal(await roleOf(run), FLUENT);
});

test('a network with IPv6', async () => {
  await host.client('network', 'create', '--ipv6', '--subnet', 'fd00:203::/64', 'six');
  const run = await startContainer(host, 'with-six', '--network', 'six', ...labelled(site.fluent));
  const { status, body } = await curlCertain(
    run,
    'http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/',
  );
  assert.deepEqual([status, body], [200, FLUENT]);
  assert.equal(await roleOf(run), FLUENT);
});

test('--default-role is for containers without a role alone', async () => {
  await podrole.stop();
  podrole = await start(...ALLOWED, '--default-role', PHP);
  assert.equal(await roleOf(inContainer('without-role')), PHP);
  assert.equal(await roleOf(inContainer('not-allowed')), '403');
  assert.equal(await roleOf(fluent), FLUENT);
});

test("the host's own credentials may come from its metadata", async () => {
  await podrole.stop();
  const { AWS_ENDPOINT_URL_STS = '', AWS_REGION = '' } = aws.hostEnv;
  const env = { AWS_ENDPOINT_URL_STS, AWS_REGION, AWS_EC2_METADATA_DISABLED: 'false' };
  podrole = await startPodroleDocker(host, env, ALLOWED);
  const before = metadata.asked.length;
  assert.equal(await put(fluent, 'by-instance-role'), 200);
  assert.ok(metadata.asked.slice(before).length > 0 || before > 0);
});

test('while podrole does not run, containers get no answer, and not the role of the host', async () => {
  await podrole.stop('SIGKILL');
  const before = metadata.asked.length;
  assert.equal((await curl(fluent, ROLES)).status, 0);
  assert.deepEqual(metadata.asked.slice(before), []);
  podrole = await start(...ALLOWED);
  assert.equal(await roleOf(fluent), FLUENT);
});
