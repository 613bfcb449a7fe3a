import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { useStsPeer } from '../testing/aws/sts-peer.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';
import { startServer } from '../testing/processes/server-process.ts';

const bundle = new URL('../dist/sidecar.js', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'podrole-sidecar-bundle-'));
const peer = await useStsPeer();
after(() => rmSync(folder, { recursive: true }));

test('the bundled sidecar works alone in a folder, finds itself ready, and ends on SIGTERM with 0', async () => {
  const alone = join(folder, 'sidecar.mjs');
  copyFileSync(bundle, alone);
  writeFileSync(join(folder, 'token'), 'header.payload.signature');
  const sidecar = await startServer(
    pathToFileURL(alone),
    [
      ...['--role-arn', 'arn:aws:iam::111122223333:role/web', '--token-file', join(folder, 'token')],
      ...['--region', 'eu-central-1', '--port', '0', '--metrics-port', '0'],
    ],
    { env: { AWS_ENDPOINT_URL_STS: peer.url } },
  );
  const answer = await fetch(`http://127.0.0.1:${sidecar.listening['port']}/v1/credentials`);
  assert.match(await answer.text(), /"AccessKeyId":"ASIAPEEREXAMPLE"/);
  const metricsPort = String(sidecar.listening['metricsPort']);
  await promisify(execFile)(process.execPath, [alone, 'probe', '--metrics-port', metricsPort]);
  assert.equal(await sidecar.stop(), 0);
});

test('the image starts the probe as it starts the sidecar, from the small bundle', () => {
  assert.deepEqual(launchOf('probe'), launchOf('sidecar'));
  assert.equal(launchOf('probe').bundle, 'sidecar.js');
});

test('it contains neither Koa nor the Kubernetes client nor an AWS client, only an argument parser, a logger and a signer', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('./sidecar-main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    mainFields: ['module', 'main'],
  });
  const contained = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const packages = contained.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  assert.deepEqual([...new Set(packages)].filter((name) => name !== undefined).sort(), [
    '@pinojs/redact',
    '@smithy/core',
    '@smithy/signature-v4',
    'atomic-sleep',
    'commander',
    'on-exit-leak-free',
    'pino',
    'pino-std-serializers',
    'quick-format-unescaped',
    'safe-stable-stringify',
    'sonic-boom',
    'thread-stream',
  ]);
  // Only a sidecar with a target role pays for the signer.
  const importers = Object.entries(metafile.inputs)
    .filter(([file]) => !file.includes('node_modules'))
    .flatMap(([file, { imports }]) => imports.map(({ path, kind }) => ({ file, path, kind })))
    .filter(({ path }) => /sign-form|signature-v4/.test(path));
  assert.deepEqual(
    importers.map(({ file, kind }) => [file, kind]),
    [
      ['credentials/chain/sign-form.ts', 'import-statement'],
      ['credentials/chain/assume-role.ts', 'dynamic-import'],
    ],
  );
});
