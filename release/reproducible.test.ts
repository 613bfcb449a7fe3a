import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import packageJson from '../package.json' with { type: 'json' };

/** The steps that need no network. e2e/cases/release compares the others. */
const STEPS = '--only=npm,manifests,changes';
const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = packageJson;
const folder = mkdtempSync(join(tmpdir(), 'podrole-reproducible-'));
after(() => rmSync(folder, { recursive: true }));

/** Builds in a copy of this checkout, with its uncommitted changes. @returns the folder of the artefacts */
function releaseIn(name: string, umask: string): string {
  const checkout = join(folder, name, 'checkout');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  git('clone', '--quiet', '--shared', '--no-checkout', root, checkout);
  execFileSync('git', ['reset', '--quiet'], { cwd: checkout });
  for (const file of git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
    .split('\0')
    .filter(Boolean)) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(root, file), join(checkout, file), { verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const run = `umask ${umask}; "$1" build.ts && exec "$1" release/main.ts --image=registry.example.com/podrole ${STEPS}`;
  execFileSync('sh', ['-euc', run, 'sh', process.execPath], { cwd: checkout, stdio: 'pipe' });
  return join(checkout, 'release/out');
}

const one = releaseIn('one', '022');
const two = releaseIn('another-folder', '077');
const sums = (output: string) => readFileSync(join(output, 'SHA256SUMS'), 'utf8');

test('built in two folders, the artefacts have the same bytes', () => {
  assert.equal(sums(one), sums(two));
});

test('SHA256SUMS names every artefact, and sha256sum accepts it', () => {
  const names = sums(one)
    .trim()
    .split('\n')
    .map((line) => line.split('  ')[1]);
  assert.deepEqual(names, [
    `CHANGES-${version}.md`,
    'install.yaml',
    `podrole-${version}.cdx.json`,
    `podrole-${version}.tgz`,
    `podrole-chart-${version}.oci.tar`,
    `podrole-chart-${version}.tgz`,
  ]);
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: one, stdio: 'pipe' });
});

test('the npm package holds the bundle and documents, and no source, test or map', () => {
  const archive = join(one, `podrole-${version}.tgz`);
  const files = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
  const names = files.map((file) => file.replace('package/', ''));
  for (const name of ['package.json', 'README.md', 'LICENSE', 'THIRD-PARTY-NOTICES', 'dist/podrole.js'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(
    names.filter((name) => !/^(dist\/.*\.(js|txt|[1-8])|[A-Z-]+(\.md)?|package\.json)$/.test(name)),
    [],
  );
});

test('the chart package has files in place of links, all with the time of the commit', () => {
  const archive = join(one, `podrole-chart-${version}.tgz`);
  const listed = execFileSync('tar', ['-tvzf', archive], { encoding: 'utf8' }).trim().split('\n');
  assert.ok(listed.length > 10);
  assert.deepEqual(
    listed.filter((line) => !/^(-rw-r--r--|drwxr-xr-x) 0\/0 /.test(line)),
    [],
  );
  assert.ok(gunzipSync(readFileSync(archive)).includes('registry.example.com/podrole'));
});

test('the bill of materials names each package of the third-party notices', () => {
  const archive = join(one, `podrole-${version}.tgz`);
  const notices = execFileSync('tar', ['-xzOf', archive, 'package/THIRD-PARTY-NOTICES'], {
    encoding: 'utf8',
  });
  const noticed = [...notices.matchAll(/^(\S+) (\d[\w.+-]*) \(.*\)$/gm)].map(
    ([, name, number]) => `${name} ${number}`,
  );
  const { components } = JSON.parse(readFileSync(join(one, `podrole-${version}.cdx.json`), 'utf8'));
  const listed = new Set(
    components.map(
      ({ name, group, version: number }: Record<string, string>) =>
        `${group ? `${group}/` : ''}${name} ${number}`,
    ),
  );
  assert.ok(noticed.length > 50);
  assert.deepEqual(
    noticed.filter((each) => !listed.has(each)),
    [],
  );
});

test('the npm package runs where nothing else is, installed without a network', () => {
  const prefix = join(folder, 'prefix');
  const archive = join(one, `podrole-${version}.tgz`);
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: folder };
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
  npm('install', '--global', '--offline', '--prefix', prefix, archive);
  for (const program of ['podrole', 'kubectl-podrole'])
    assert.equal(
      execFileSync(join(prefix, 'bin', program), ['--version'], { env, encoding: 'utf8' }),
      `${version}\n`,
    );
  assert.equal(
    npm('exec', '--offline', '--yes', '--package', archive, '--', 'podrole', '--version'),
    `${version}\n`,
  );
});
