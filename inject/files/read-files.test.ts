import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type CliResult, runCli } from '../../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-read-files-'));
after(() => rmSync(folder, { recursive: true }));

/** A pod and its ServiceAccount, which has a role. */
const BOTH = `kind: List
items:
- kind: ServiceAccount
  metadata: {name: web, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/web'}}
- kind: Pod
  spec: {serviceAccountName: web, containers: [{name: app}]}
`;

let files = 0;
/** A new file with that content. */
function fileOf(content: string, name = `${++files}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const inject = (...args: string[]): Promise<CliResult> => runCli(['inject', ...args]);

test('several files and a folder become one stream of documents, in the order given', async () => {
  const apps = join(folder, 'apps');
  mkdirSync(apps);
  fileOf('kind: B\n...\n', 'apps/b.yml');
  fileOf('{"kind": "A"}', 'apps/a.json');
  fileOf('not a manifest', 'apps/readme.md');
  const directives = fileOf('%YAML 1.2\n---\nkind: C\n');
  const comment = fileOf('# D\n---\nkind: D');
  const { stdout } = await inject('-f', apps, '-f', directives, '--filename', comment, '-f', apps);
  assert.equal(
    stdout,
    '---\n{"kind": "A"}\n---\nkind: B\n...\n...\n%YAML 1.2\n---\nkind: C\n# D\n---\nkind: D',
  );
});

test('the same file by several paths is read once, at its first place', async () => {
  const twice = join(folder, 'twice');
  mkdirSync(twice);
  const path = fileOf('kind: A\n', 'twice/a.yaml');
  symlinkSync('a.yaml', join(twice, 'link.yaml'));
  const other = `${twice}/../twice/./a.yaml`;
  const { stdout } = await inject('-f', other, '-f', path, '-f', twice, '-f', join(twice, 'link.yaml'));
  assert.equal(stdout, 'kind: A\n');
});

test('-R reads the folders in a folder too, in the order of the names, and follows no link to a folder', async () => {
  const tree = join(folder, 'tree');
  for (const inner of ['b/c', '.git', 'd.yaml', 'empty']) mkdirSync(join(tree, inner), { recursive: true });
  for (const name of ['a.yaml', 'b/c/one.json', 'b/two.yml', 'b/readme.md', '.git/x.yaml', 'd.yaml/e.yaml']) {
    fileOf(`{"kind": "${name}"}\n`, join('tree', name));
  }
  symlinkSync(tree, join(tree, 'b/loop'));
  symlinkSync('../b', join(tree, 'empty/b'));
  const kinds = (stdout: string) => [...stdout.matchAll(/"kind": "(.*)"/g)].map(([, kind]) => kind);
  const all = ['a.yaml', 'b/c/one.json', 'b/two.yml', 'd.yaml/e.yaml'];
  assert.deepEqual(kinds((await inject('-R', '-f', tree)).stdout), all);
  assert.deepEqual(kinds((await inject('--recursive', '-f', `${tree}/b`, '-f', tree)).stdout), [
    'b/c/one.json',
    'b/two.yml',
    'a.yaml',
    'd.yaml/e.yaml',
  ]);
  assert.deepEqual(kinds((await inject('-f', tree)).stdout), ['a.yaml']);
  const none = await inject('-f', join(tree, 'd.yaml'), '-f', join(tree, 'empty'), '-R');
  assert.match(none.stderr, /tree\/empty: holds no file that ends in \.yaml, \.yml or \.json; name a file/);
});

test('a folder whose manifests are all in its folders is an error that names -R; --in-place writes them', async () => {
  const apps = join(folder, 'deep');
  mkdirSync(join(apps, 'team/web'), { recursive: true });
  const path = fileOf(BOTH, 'deep/team/web/pod.yaml');
  symlinkSync('nowhere.yaml', join(apps, 'team/web/broken.yaml'));
  const flat = await inject('-f', apps);
  assert.equal(flat.exitCode, 3);
  assert.match(
    flat.stderr,
    /deep: holds no file .*; -R reads the folders in it too; .* \[UNREADABLE_FILE\]\n$/,
  );
  const broken = await inject('-f', apps, '-R', '--in-place');
  assert.match(broken.stderr, /web\/broken\.yaml: .*does not exist/);
  assert.equal(readFileSync(path, 'utf8'), BOTH);
  rmSync(join(apps, 'team/web/broken.yaml'));
  assert.equal((await inject('-f', apps, '-R', '--in-place')).stdout, `${path}\n`);
  assert.match(readFileSync(path, 'utf8'), /AWS_ROLE_ARN/);
});

test('--in-place writes changed files back, with their mode and through symbolic links', async () => {
  const place = join(folder, 'place');
  mkdirSync(place);
  const target = fileOf(BOTH, 'target.yaml');
  chmodSync(target, 0o640);
  symlinkSync(target, join(place, 'link.yaml'));
  fileOf('kind:   Untouched\n', 'place/other.yaml');
  const untouched = statSync(join(place, 'other.yaml'));
  const expected = (await inject('-f', target)).stdout;
  assert.deepEqual(await inject('-f', place, '--in-place'), {
    exitCode: 0,
    stdout: `${join(place, 'link.yaml')}\n`,
    stderr: '',
  });
  assert.equal(readFileSync(target, 'utf8'), expected);
  assert.equal(statSync(target).mode & 0o777, 0o640);
  assert.equal(statSync(join(place, 'other.yaml')).ino, untouched.ino);
  assert.deepEqual(readdirSync(place), ['link.yaml', 'other.yaml']);
  assert.equal((await inject('-f', place, '--in-place')).stdout, '');
});
