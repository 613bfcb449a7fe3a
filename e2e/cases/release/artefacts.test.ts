import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findBinary } from '../../cluster/find-binary.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import { artefact, unpack, VERSION } from '../../setup/release/artefacts.ts';
import { startLayoutRegistry } from '../../setup/release/layout-registry.ts';

/** Artefacts that need no cluster. release/reproducible.test.ts has the npm package. */
const image = await unpack(artefact(`podrole-image-${VERSION}.oci.tar`));
after(() => image.remove());
const blob = (digest: string) => path.join(image.folder, 'blobs', digest.replace(':', '/'));
const readBlob = (digest: string) => JSON.parse(readFileSync(blob(digest), 'utf8'));
const [{ digest: indexDigest }] = JSON.parse(
  readFileSync(path.join(image.folder, 'index.json'), 'utf8'),
).manifests;
const manifests: { digest: string; platform: { architecture: string } }[] = readBlob(indexDigest).manifests;

/** Unpacks the root of the image of a platform. */
async function rootOf(architecture: string) {
  const { digest } = manifests.find(({ platform }) => platform.architecture === architecture) ?? {
    digest: '',
  };
  const { config, layers } = readBlob(digest);
  assert.equal(readBlob(config.digest).architecture, architecture);
  const [first, ...others] = layers.map((layer: { digest: string }) => blob(layer.digest));
  const root = await unpack(first);
  for (const layer of others) await succeed('unpack', runCommand('tar', ['-xf', layer, '-C', root.folder]));
  return root;
}

test('the checksums are right', async () => {
  const { code, stderr } = await runCommand('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], {
    cwd: artefact(''),
  });
  assert.equal(code, 0, stderr);
  const sums = readFileSync(artefact('SHA256SUMS'), 'utf8').trim().split('\n');
  assert.equal(sums.length, readdirSync(artefact('')).length - 1);
});

test('the image for arm64 runs podrole and nft', async (t) => {
  const root = await rootOf('arm64');
  t.after(() => root.remove());
  const run = (...command: string[]) => runCommand('qemu-aarch64-static', ['-L', root.folder, ...command]);
  const at = (file: string) => path.join(root.folder, file);
  const podrole = await run(at('usr/local/bin/node'), at('usr/lib/podrole/podrole.js'), '--version');
  assert.deepEqual(podrole, { code: 0, stdout: `${VERSION}\n`, stderr: '' });
  const nft = await run(at('usr/sbin/nft'), '--version');
  // It has loaded its libraries; the emulator does not know the sockets that it asks for next.
  assert.match(nft.stdout + nft.stderr, /^nftables v|Unable to initialize Netlink socket/);
  const shell = await run(at('usr/bin/sh'), '-c', 'echo works');
  assert.equal(shell.stdout, 'works\n', shell.stderr);
});

test('both platforms hold the same files, but for the names of their architectures', async (t) => {
  const names = async (architecture: string) => {
    const root = await rootOf(architecture);
    t.after(() => root.remove());
    const files = readdirSync(root.folder, { recursive: true, encoding: 'utf8' });
    return files
      .map((file) => file.replace(/(x86_64|aarch64)-linux-gnu/, 'TRIPLET'))
      .filter((file) => !/ld-linux|lib64/.test(file))
      .sort();
  };
  assert.deepEqual(await names('arm64'), await names('amd64'));
});

test('the bill of materials of the image names Node and each Debian package of each platform', async (t) => {
  const { components } = JSON.parse(readFileSync(artefact(`podrole-image-${VERSION}.cdx.json`), 'utf8'));
  const purls: string[] = components.map(({ purl }: { purl: string }) => purl);
  assert.equal(
    new Set(components.map((each: Record<string, string>) => each['bom-ref'])).size,
    components.length,
  );
  for (const architecture of ['amd64', 'arm64']) {
    const root = await rootOf(architecture);
    t.after(() => root.remove());
    const packages = readdirSync(path.join(root.folder, 'var/lib/dpkg/status.d'));
    assert.ok(packages.includes('nftables') && packages.includes('libc6'));
    for (const name of packages)
      assert.ok(
        purls.some(
          (purl) =>
            purl.startsWith(`pkg:deb/debian/${name}@`) && /arch=(all|\w+)$/.exec(purl)?.[1] !== undefined,
        ),
        `${name} ${architecture}`,
      );
  }
  assert.ok(purls.some((purl) => /^pkg:generic\/node@24\./.test(purl)));
});

test('the schema of CycloneDX accepts every bill of materials', async () => {
  const python = path.join(process.env['PODROLE_E2E_MOTO'] ?? '', 'bin/python');
  const script = fileURLToPath(new URL('../../setup/release/validate-sbom.py', import.meta.url));
  const sboms = ['', '-archives', '-image'].map((kind) => artefact(`podrole${kind}-${VERSION}.cdx.json`));
  const args = [script, process.env['PODROLE_E2E_SBOM_SCHEMAS'] ?? '', ...sboms];
  assert.equal(await succeed('validate-sbom.py', runCommand(python, args)), '');
});

test('helm pulls the chart from a registry that got the OCI archive', async (t) => {
  const layout = await unpack(artefact(`podrole-chart-${VERSION}.oci.tar`));
  const registry = await startLayoutRegistry(layout.folder);
  t.after(async () => {
    await registry.close();
    layout.remove();
  });
  const helm = findBinary('helm', process.env['PODROLE_E2E_BINARIES']);
  const chart = `oci://${registry.address}/charts/podrole`;
  const pull = ['pull', chart, '--version', VERSION, '--plain-http', '--destination', layout.folder];
  await succeed(
    'helm pull',
    runCommand(helm, pull, { env: { PATH: process.env['PATH'], HOME: layout.folder } }),
  );
  const pulled = readFileSync(path.join(layout.folder, `podrole-${VERSION}.tgz`));
  assert.ok(pulled.equals(readFileSync(artefact(`podrole-chart-${VERSION}.tgz`))));
});

test('the archives of all platforms hold podrole, Node and the licences', async () => {
  for (const [platform, node, launcher] of [
    ['linux-x64', 'node', 'podrole'],
    ['linux-arm64', 'node', 'podrole'],
    ['darwin-arm64', 'node', 'podrole'],
    ['darwin-x64', 'node', 'podrole'],
    ['win-x64', 'node.exe', 'podrole.cmd'],
  ] as const) {
    const listed = await succeed(
      'tar',
      runCommand('tar', ['-tzf', artefact(`podrole-${VERSION}-${platform}.tar.gz`)]),
    );
    const files = listed.split('\n');
    for (const name of [
      node,
      launcher,
      `kubectl-${launcher}`,
      'lib/podrole.js',
      'LICENSE',
      'LICENSE-node',
      'THIRD-PARTY-NOTICES',
    ])
      assert.ok(files.includes(`podrole/${name}`), `${platform} ${name}`);
  }
});
