import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { succeed } from '../../cluster/run-command.ts';
import { credentialsByMetadata, type InContainer, s3Request } from '../../setup/docker/credential-steps.ts';
import { startDockerHost } from '../../setup/docker/docker-host.ts';
import { dockerPrograms } from '../../setup/docker/docker-programs.ts';
import { BUCKET } from '../../setup/docker/host-aws.ts';
import { FLUENT, PHP, startRecipeSite } from '../../setup/docker/recipe-site.ts';
import { TOOLS_IMAGE } from '../../setup/docker/tools-image.ts';
import { commandsOf } from '../../setup/install/page-commands.ts';

/**
 * The commands of docs/docker.md as they stand, on a host whose credentials are in its instance metadata.
 * Only the image is loaded, not built. AWS_REGION brings a second line into the settings: the address of the
 * STS.
 */
const PAGE = 'docker.md';
const MOST_COMMANDS = 6;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const site = await startRecipeSite(startDockerHost);
after(() => site.stop());
const { host, aws } = site;
await host.load('podrole.tar');
const folder = path.join(site.folder, 'checkout');
await mkdir(folder);
await cp(path.join(ROOT, 'examples'), path.join(folder, 'examples'), { recursive: true });

/** Debian has Compose as a program of its own. */
const COMPOSE =
  'docker() { if [ "$1" = compose ]; then shift; docker-compose "$@"; else command docker "$@"; fi; }';

/** Runs commands of the page in one shell on the host. */
function runPage(commands: readonly string[]): Promise<string> {
  const script = [COMPOSE, `cd "${folder}"`, ...commands].join('\n');
  const env = {
    ...dockerPrograms().env,
    AWS_REGION: `us-east-1\nAWS_ENDPOINT_URL_STS=${aws.stsUrl}`,
    ROLES: aws.roleBase,
    IMAGE: TOOLS_IMAGE,
  };
  return succeed(
    PAGE,
    host.run(['bash', '--norc', '-euo', 'pipefail', '-c', script], { env, timeoutMs: 180_000 }),
  );
}

async function put(run: InContainer, key: string): Promise<number> {
  const credentials = await credentialsByMetadata(run);
  return (await s3Request(run, `${aws.s3Url}/${BUCKET}/${key}`, credentials, '-X', 'PUT', '-d', key)).status;
}

test('at most six commands lead to two containers with two roles', async (t) => {
  const commands = await commandsOf(PAGE, 'docker');
  // The build of the image is one more; the two questions at the end are none.
  assert.ok(commands.length - 2 + 1 <= MOST_COMMANDS, `${commands.length} blocks`);
  const printed = await runPage(commands);
  t.diagnostic(printed);
  assert.match(printed, /^fluent\nphp$/m);
  assert.equal(await put((command) => host.exec(FLUENT, command), 'page-fluent'), 200);
  assert.equal(await put((command) => host.exec(PHP, command), 'page-php'), 403);
});

test('examples/compose.yaml does the same', async () => {
  await runPage(['docker rm --force $(docker ps --all --quiet)']);
  const printed = await runPage(await commandsOf(PAGE, 'compose'));
  assert.match(printed, /fluent/);
  for (const [service, status] of [[FLUENT, 200] as const, [PHP, 403] as const]) {
    const filter = `label=com.docker.compose.service=${service}`;
    const id = (await host.client('ps', '--quiet', '--filter', filter)).trim();
    assert.equal(await put((command) => host.exec(id, command), `compose-${service}`), status);
  }
});
