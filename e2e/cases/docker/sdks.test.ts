import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SIDECAR_CREDENTIALS_PATH } from '../../../lib/contract/podrole.ts';
import { ENV } from '../../../lib/contract/sdk.ts';
import { succeed } from '../../cluster/run-command.ts';
import { installedSdks } from '../../sdks/installed.ts';
import { startClient } from '../../sdks/run-client.ts';
import { type Sdk, sdksIn } from '../../sdks/sdks.ts';
import { startDockerHost } from '../../setup/docker/docker-host.ts';
import { BUCKET, CONTENT, OBJECT } from '../../setup/docker/host-aws.ts';
import {
  type DockerProcess,
  keepDockerRules,
  onHost,
  startPodroleDocker,
} from '../../setup/docker/podrole-docker.ts';
import { labelled, startContainer, startRecipeSite } from '../../setup/docker/recipe-site.ts';

/**
 * Unmodified SDKs in containers and in the network of a container: each gets an object with the role of its
 * container. docs/sdks.md lists them.
 */
const site = await startRecipeSite(startDockerHost);
after(() => site.stop());
const { host, aws } = site;
await keepDockerRules(host);
const readers = await aws.createRole('readers', ['s3:GetObject', 's3:ListBucket']);
const BY_URI = { [ENV.containerCredentialsRelativeUri]: SIDECAR_CREDENTIALS_PATH };
const sdks = sdksIn(installedSdks(process.env['PODROLE_E2E_SDKS']));

await startContainer(host, 'sdks', ...labelled(readers));
const pid = (await host.client('inspect', '--format', '{{.State.Pid}}', 'sdks')).trim();
/** Executes a program of this machine in the network of the container. */
const inNetwork = [...onHost(host), 'nsenter', `--target=${pid}`, '--net', '--'];

for (const imdsv2 of ['optional', 'required'] as const)
  describe(`instance metadata with IMDSv2 ${imdsv2}`, () => {
    let podrole: DockerProcess;
    before(async () => {
      podrole = await startPodroleDocker(host, aws.hostEnv, ['--allow', readers, '--imdsv2', imdsv2]);
    });
    after(() => podrole.stop('SIGKILL'));
    for (const sdk of sdks)
      test(sdk.name, async () => {
        assert.equal(await gets(sdk, {}), imdsv2 === 'optional' || sdk.imds === 'v2');
      });
    if (imdsv2 === 'required') return;

    for (const sdk of sdks.filter(({ relativeUri }) => relativeUri))
      test(`container credentials: ${sdk.name}`, async () => assert.equal(await gets(sdk, BY_URI), true));

    test('boto 2 in a container of its own', async () => {
      await host.load('boto2.tar');
      const s3 = ['--env', `S3_ENDPOINT=${aws.s3Url}`, '--env', `S3_BUCKET=${BUCKET}`];
      const { role, keys } = JSON.parse(await runImage('app-boto2:1', ...s3));
      assert.deepEqual([role, keys], ['readers', [OBJECT]]);
    });

    test('the current SDK of JavaScript in a container of its own', async () => {
      await host.load('sdk.tar');
      const s3 = ['--env', `AWS_ENDPOINT_URL_S3=${aws.s3Url}`, '--env', `S3_BUCKET=${BUCKET}`];
      const { keys } = JSON.parse(await runImage('app-sdk:1', ...s3, '--env', 'AWS_REGION=us-east-1'));
      assert.deepEqual(keys, [OBJECT]);
    });
  });

/** Returns what a container of an image printed. */
function runImage(image: string, ...options: readonly string[]): Promise<string> {
  return succeed(image, host.run(['docker', 'run', '--rm', ...labelled(readers), ...options, image]));
}

/** Returns true if a client gets the object. */
async function gets(sdk: Sdk, variables: Readonly<Record<string, string>>): Promise<boolean> {
  const object = { endpoint: aws.s3Url, bucket: BUCKET, key: OBJECT };
  const client = await startClient(sdk, object, variables, inNetwork);
  await client.get();
  const { code, stdout } = await client.end();
  return code === 0 && stdout === CONTENT;
}
