import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { asArray, asObject, asText } from '../../../lib/json/json.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { startStsPeer } from '../../../testing/aws/sts-peer.ts';
import { openImage, processOf } from '../../images/open-image.ts';

/** The image that users build, without a container runtime. */
const image = openImage('podrole');
after(() => image.close());
const NOBODY = { userId: 65_532 };
const NET_ADMIN = { userId: 0, capabilities: ['net_admin'], ownNetwork: true };
const read = (file: string) => readFileSync(join(image.root, file), 'utf8');

test('has labels, and runs as nobody', () => {
  const { Labels, User, Entrypoint } = image.config;
  assert.deepEqual(Entrypoint, ['podrole']);
  assert.equal(User, '65532:65532');
  const labels = asObject(Labels) ?? {};
  const label = (name: string) => labels[`org.opencontainers.image.${name}`];
  assert.equal(label('title'), packageJson.name);
  assert.equal(label('description'), packageJson.description);
  assert.equal(label('version'), packageJson.version);
  assert.equal(label('licenses'), packageJson.license);
  assert.match(String(label('revision')), /^([0-9a-f]{40})?$/);
});

test('podrole runs as nobody on a read-only root', async () => {
  const { stdout, code, stderr } = await image.run(['podrole', '--version'], NOBODY);
  assert.deepEqual([stdout, stderr, code], [`${packageJson.version}\n`, '', 0]);
  for (const command of ['webhook', 'sidecar', 'redirect']) {
    const help = await image.run(['podrole', command, '--help'], NOBODY);
    assert.match(help.stdout, new RegExp(`^Usage: podrole ${command} `));
  }
  const write = await image.run(['sh', '-c', ': >/tmp/file'], NOBODY);
  assert.match(write.stderr, /Read-only file system/);
});

test('podrole sidecar is process 1, answers, and exits with 0 on SIGTERM', async (t) => {
  const peer = await startStsPeer();
  t.after(() => peer.close());
  writeFileSync(join(image.root, 'token'), 'header.payload.signature');
  const began = performance.now();
  const ports = ['--port=9911', '--metrics-port=9912'];
  const role = [
    '--role-arn=arn:aws:iam::111122223333:role/web',
    '--token-file=/token',
    '--region=eu-central-1',
  ];
  const sidecar = image.start(['podrole', 'sidecar', ...ports, ...role], {
    ...NOBODY,
    env: { AWS_ENDPOINT_URL_STS: peer.url },
  });
  let isListening = false;
  for await (const line of createInterface({ input: sidecar.stdout })) {
    isListening = line.includes('"listening"');
    if (isListening) break;
  }
  assert.ok(isListening, 'it ended');
  const pid = processOf(sidecar);
  // unshare would not end processes of another user.
  t.after(() => sidecar.exitCode === null && process.kill(pid, 'SIGKILL'));
  t.diagnostic(`from unshare to listening: ${Math.round(performance.now() - began)} ms`);
  const answer = await fetch('http://127.0.0.1:9911/v1/credentials');
  assert.match(await answer.text(), /"AccessKeyId":"ASIAPEEREXAMPLE"/);
  const probe = await image.run(['podrole', 'probe', '--metrics-port=9912'], NOBODY);
  assert.equal(probe.code, 0, probe.stderr);

  const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  assert.equal(program, 'node');
  for (const option of ['--max-semi-space-size=1', '--disable-sigusr1', '--permission', '--allow-fs-read=*'])
    assert.ok(args.includes(option));
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^NSpid:.*\t1$/m);
  process.kill(pid, 'SIGTERM');
  const [code] = await once(sidecar, 'exit');
  assert.equal(code, 0);
});

test('podrole redirect loads its rules with only NET_ADMIN, with an nft that supports JSON', async () => {
  const redirected = await image.run(['podrole', 'redirect'], NET_ADMIN);
  assert.equal(redirected.code, 0, redirected.stderr);
  assert.match(redirected.stdout, /^redirected to port 9911 on loopback: 169\.254\.169\.254:80, /);
  const listed = await image.run(['nft', '--json', 'list', 'tables'], NET_ADMIN);
  assert.ok(asArray(asObject(JSON.parse(listed.stdout))?.['nftables']), listed.stderr);
});

test('contains Node, nft, ip, a shell and podrole: no source, no npm, no other program', (t) => {
  const programs = ['usr/bin', 'usr/sbin', 'usr/local/bin'].flatMap((folder) =>
    readdirSync(join(image.root, folder)).map((name) => `${folder}/${name}`),
  );
  assert.deepEqual(programs, [
    'usr/bin/ip',
    'usr/bin/sh',
    'usr/sbin/nft',
    'usr/local/bin/node',
    'usr/local/bin/podrole',
  ]);
  assert.deepEqual(globSync('**/{*.ts,*.map,node_modules,npm}', { cwd: image.root }), []);
  const writable = globSync('**/*', { cwd: join(image.root, 'usr') }).filter(
    (file) => statSync(join(image.root, 'usr', file)).mode & 0o022,
  );
  assert.deepEqual(writable, []);
  const node = statSync(join(image.root, 'usr/local/bin/node')).size;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  t.diagnostic(`${megabytes(image.size)} MB, of which Node is ${megabytes(node)}`);
});

test('lists its components', () => {
  const sbom = asObject(JSON.parse(read('usr/share/doc/podrole/sbom.cdx.json'))) ?? {};
  const names = asArray(sbom['components'])?.map((component) => asText(asObject(component)?.['name']));
  const notices = read('usr/share/doc/podrole/THIRD-PARTY-NOTICES');
  for (const name of Object.keys(packageJson.dependencies)) {
    assert.ok(names?.includes(name), name);
    assert.match(notices, new RegExp(`^${name} \\d`, 'm'));
  }
  assert.match(read('usr/share/doc/podrole/LICENSE'), /Apache License/);
  const packages = readdirSync(join(image.root, 'var/lib/dpkg/status.d'));
  assert.ok(packages.includes('nftables') && packages.includes('libc6'), packages.join());
  for (const name of packages) {
    assert.ok(read(`var/lib/dpkg/status.d/${name}`).startsWith(`Package: ${name}\n`));
    assert.ok(read(`usr/share/doc/${name}/copyright`));
  }
  assert.match(read('etc/os-release'), /^ID=debian$/m);
});
