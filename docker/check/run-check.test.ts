import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { listContainers } from '../../testing/docker/listed-containers.ts';
import { BASE_ROLE_ARN, hostContainer } from '../../testing/docker/role-choices.ts';
import { Collector } from '../../testing/processes/collector.ts';
import { dockerSettings } from '../settings.ts';
import { runDockerCheck } from './run-check.ts';

const SECRET = 'environment-secret';
const SHOP = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'php' };
const sidecar = hostContainer({
  name: 'sidecar',
  networkMode: `container:${hostContainer({ name: 'web' }).id}`,
});

const host = await listContainers([
  hostContainer({ name: 'web', labels: { 'podrole.dev/role-arn': 'app-web' } }),
  sidecar,
  hostContainer({
    name: 'shop-php-1',
    labels: SHOP,
    env: { IAM_POLICY: '{"Statement":[]}', PASSWORD: SECRET },
  }),
  hostContainer({ name: 'eager_hopper', image: 'evil:1', env: { IAM_ROLE: 'admin' } }),
  hostContainer({ name: 'db' }),
  hostContainer({ name: 'monitor', networkMode: 'host' }),
  hostContainer({ name: 'batch', networkMode: 'none' }),
  hostContainer({
    name: 'rootless',
    networkMode: 'slirp4netns',
    addresses: [],
    labels: { 'podrole.dev/role-arn': 'app-web' },
  }),
  hostContainer({ name: 'orphan', networkMode: 'container:gone' }),
]);
after(host.close);
const folder = mkdtempSync(join(tmpdir(), 'podrole-check-'));
after(() => rmSync(folder, { recursive: true }));
const roleFile = join(folder, 'roles.yaml');
writeFileSync(
  roleFile,
  'roles:\n- {service: shop/php, role: app-php}\n- {image: "fluent:*", role: app-fluent}\n',
);

async function check(given: Readonly<Record<string, string>>): Promise<string> {
  const all = {
    region: 'eu-central-1',
    dockerHost: host.dockerHost,
    baseRoleArn: BASE_ROLE_ARN,
    roleFile,
    ...given,
  };
  const settings = readSettings(dockerSettings, { allow: `${BASE_ROLE_ARN}app-*`, ...all }, {});
  const stdout = new Collector();
  const isColored = { stdout: false, stderr: false };
  assert.equal(await runDockerCheck(settings, { stdout, isColored, signal: NEVER_ABORTED }), 'done');
  assert.ok(!stdout.text.includes(SECRET));
  return stdout.text;
}

test('the role of each container is shown with its source, or why it gets none', async () => {
  assert.equal(
    await check({}),
    `CONTAINER         SOURCE                  ROLE
batch             -                       refused
    Network mode none: the container cannot ask; give it a network
db                -                       -
eager_hopper      -                       refused
    Variable IAM_ROLE: names arn:aws:iam::111122223333:role/admin, which no pattern of --allow matches; start podrole docker with --allow and a pattern that matches it
monitor           -                       refused
    Network mode host: the container cannot be told from the host; give it a network of its own
orphan            -                       refused
    Network of another container: that container does not run; start it
rootless          -                       refused
    Network mode slirp4netns: the container has no address of its own, so podrole gets none of its requests; run it as root in a bridge network
shop-php-1        file, line 2, narrowed  arn:aws:iam::111122223333:role/app-php
sidecar (as web)  label                   arn:aws:iam::111122223333:role/app-web
web               label                   arn:aws:iam::111122223333:role/app-web
line 3 of the role file gives no running container a role
running containers with a role: 3 of 9
`,
  );
});

test('programs get the same', async () => {
  const { containers, unusedRules } = JSON.parse(await check({ output: 'json' }));
  assert.deepEqual(unusedRules, [3]);
  assert.deepEqual(containers[6], {
    name: 'shop-php-1',
    id: hostContainer({ name: 'shop-php-1' }).id,
    image: 'busybox',
    service: 'shop/php',
    role: `${BASE_ROLE_ARN}app-php`,
    source: 'file',
    line: 2,
    isNarrowed: true,
  });
  assert.match(
    await check({ output: 'yaml', defaultRole: 'app-d' }),
    /name: db\n(?: {4}.*\n){2} {4}role: .*app-d\n {4}source: default\n/,
  );
});

test('what cannot work is an error', async () => {
  await assert.rejects(check({ roleFile: join(folder, 'none') }), { code: 'UNREADABLE_FILE' });
  await assert.rejects(check({ allow: `${BASE_ROLE_ARN}web` }), { code: 'INVALID_ROLE_FILE' });
  await assert.rejects(check({ tokenFile: join(folder, 'none') }), { code: 'TOKEN_UNREADABLE' });
  await assert.rejects(check({ dockerHost: `unix://${folder}/none.sock` }), { code: 'DOCKER_UNREACHABLE' });
  await assert.rejects(
    check({ dockerHost: 'tcp://127.0.0.1:2375' }),
    /--docker-host: .* must be the Unix socket/,
  );
});
