import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ROLE_LABEL } from '../../../lib/contract/podrole.ts';
import { succeed } from '../../cluster/run-command.ts';
import { credentialsByMetadata, curlCertain, ROLES, s3Request } from '../../setup/docker/credential-steps.ts';
import { startDockerHost } from '../../setup/docker/docker-host.ts';
import { BUCKET } from '../../setup/docker/host-aws.ts';
import { keepDockerRules, startPodroleDocker } from '../../setup/docker/podrole-docker.ts';
import { FLUENT, PHP, startContainer, startRecipeSite } from '../../setup/docker/recipe-site.ts';
import { TOOLS_IMAGE } from '../../setup/docker/tools-image.ts';

/** Services of Compose: roles by label, by variable, and by the service in the role file. */
const site = await startRecipeSite(startDockerHost);
after(() => site.stop());
const { host, aws } = site;
await keepDockerRules(host);
// JSON is YAML.
const roles = { roles: [{ service: 'shop/by-file', role: FLUENT }] };
const flags = [
  ...['--role-file', await site.file('roles.yaml', JSON.stringify(roles))],
  ...['--base-role-arn', aws.roleBase, '--allow', `${aws.roleBase}*`],
  '--session-tags',
];
const podrole = await startPodroleDocker(host, aws.hostEnv, flags);
after(() => podrole.stop('SIGKILL'));

const service = (more: object) => ({
  image: TOOLS_IMAGE,
  command: ['sleep', '86400'],
  stop_signal: 'SIGKILL',
  ...more,
});
const file = await site.file(
  'compose.yaml',
  JSON.stringify({
    services: {
      fluent: service({ labels: { [ROLE_LABEL]: site.fluent } }),
      php: service({ environment: { IAM_ROLE: PHP } }),
      'by-file': service({}),
      none: service({}),
      beside: service({ network_mode: 'service:fluent' }),
      // A variable without a value counts as not set.
      empty: service({ environment: { IAM_ROLE: '' } }),
    },
  }),
);
const compose = (...args: readonly string[]) =>
  succeed(
    `compose ${args[0]}`,
    host.run(['docker-compose', '--project-name', 'shop', '--file', file, ...args]),
  );
const inService = (name: string) => (command: readonly string[]) =>
  host.run(['docker-compose', '--project-name', 'shop', '--file', file, 'exec', '-T', name, ...command]);

test('each service has its role', async () => {
  await compose('up', '--detach', '--quiet-pull');
  const expected = { fluent: FLUENT, php: PHP, 'by-file': FLUENT, beside: FLUENT, none: '403', empty: '403' };
  const found: Record<string, string> = {};
  for (const name of Object.keys(expected)) {
    const { status, body } = await curlCertain(inService(name), ROLES);
    found[name] = status === 200 ? body : String(status);
  }
  assert.deepEqual(found, expected);
});

test('fluent may put to the bucket, and php may not', async () => {
  for (const [name, status] of [['fluent', 200] as const, ['php', 403] as const, ['by-file', 200] as const]) {
    const credentials = await credentialsByMetadata(inService(name));
    const url = `${aws.s3Url}/${BUCKET}/compose-${name}`;
    assert.equal(
      (await s3Request(inService(name), url, credentials, '-X', 'PUT', '-d', name)).status,
      status,
    );
  }
});

test('the session has the service as a tag', () => {
  const { tags } = aws.sts.given.find(({ role }) => role === site.php) ?? {};
  assert.equal(tags?.['podrole-compose-service'], 'php');
  assert.equal(tags?.['podrole-compose-project'], 'shop');
});

test('a service that is scaled, and one that is recreated, keep their role', async () => {
  await compose('up', '--detach', '--scale', 'by-file=2', '--force-recreate', 'by-file');
  for (const index of ['1', '2']) {
    const run = (command: readonly string[]) =>
      host.run(['docker', 'exec', `shop_by-file_${index}`, ...command]);
    assert.equal((await curlCertain(run, ROLES)).body, FLUENT);
  }
});

test('labels of Compose alone do not make a container a service', async () => {
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'by-file' };
  const options = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
  const run = await startContainer(host, 'pretender', ...options);
  assert.equal((await curlCertain(run, ROLES)).status, 403);
});
