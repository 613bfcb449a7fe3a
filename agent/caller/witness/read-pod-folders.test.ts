import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hasStarted, isOfLastStart, isUntouched } from './pod-folder.ts';
import { addressesIn, podFoldersReader } from './read-pod-folders.ts';

const MANAGED = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
10.0.0.7\tweb-0.web.shop.svc.cluster.local\tweb-0
FD00::7\tweb-0
`;

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'podrole-folders-'));
});
after(() => rmSync(root, { recursive: true }));

const hostsOf = (uid: string) => join(root, uid, 'etc-hosts');

/** Starts a container of a pod, as kubelet does. */
function startContainer(uid: string, hosts = MANAGED): void {
  mkdirSync(join(root, uid), { recursive: true });
  if (hosts) writeFileSync(hostsOf(uid), hosts);
  const container = join(root, uid, 'containers', 'web');
  mkdirSync(container, { recursive: true });
  writeFileSync(join(container, String(Math.random())), '');
}

test('the first address of each family counts', () => {
  const cases: [name: string, hosts: string, expected: string[]][] = [
    ['as kubelet writes it', MANAGED, ['10.0.0.7', 'fd00::7']],
    [
      'aliases come after',
      `${MANAGED}\n# Entries added by HostAliases.\n10.0.0.8\tother\n`,
      ['10.0.0.7', 'fd00::7'],
    ],
    [
      'an alias of the other family',
      '10.0.0.7\tx\n\n# Entries added by HostAliases.\nfd00::9\tother\n',
      ['10.0.0.7'],
    ],
    ['empty', '', []],
    ['only the common part', MANAGED.split('\n').slice(0, 7).join('\n'), []],
    ['a claim of several', '10.0.0.8 a\n10.0.0.9 b\nfd00::8 c\nfd00::9 d\n', ['10.0.0.8', 'fd00::8']],
    ['white space and remarks', '  10.0.0.8#x\n# 10.0.0.9\nfoo\n', ['10.0.0.8']],
    ['not text', '\0\xff\n'.repeat(900), []],
    ['late', `${'#\n'.repeat(64)}10.0.0.8 a`, []],
  ];
  for (const [name, hosts, expected] of cases) assert.deepEqual(addressesIn(hosts), expected, name);
});

test('a pod that has started containers, one that has not, and one that changed its hosts file', async () => {
  startContainer('started');
  mkdirSync(join(root, 'bound', 'volumes'), { recursive: true });
  startContainer('own-hosts', '');
  startContainer('changed');
  startContainer('huge');
  writeFileSync(join(root, 'not-a-folder'), '');
  startContainer('linked', '');
  symlinkSync(hostsOf('started'), hostsOf('linked'));
  const read = podFoldersReader(root);
  assert.throws(read, /ELOOP/);
  rmSync(join(root, 'linked'), { recursive: true });
  // The kernel's time for files moves in steps of some milliseconds.
  const created = read().get('changed')?.createdMs ?? assert.fail();
  do truncateSync(hostsOf('changed'));
  while ((read().get('changed')?.hosts?.changedMs ?? 0) <= created);
  truncateSync(hostsOf('huge'), 1024 ** 3);

  const folders = read();
  const summary = (uid: string) => {
    const folder = folders.get(uid) ?? assert.fail(uid);
    return [folder.hosts?.addresses, hasStarted(folder), isUntouched(folder)];
  };
  assert.deepEqual(summary('started'), [['10.0.0.7', 'fd00::7'], true, true]);
  assert.deepEqual(summary('bound'), [undefined, false, false]);
  assert.deepEqual(summary('own-hosts'), [undefined, true, false]);
  assert.deepEqual(summary('changed'), [[], true, false]);
  assert.deepEqual(summary('huge')[0], ['10.0.0.7', 'fd00::7']);
  assert.deepEqual(summary('not-a-folder'), [undefined, false, false]);

  startContainer('changed');
  assert.ok(isUntouched(read().get('changed') ?? assert.fail()), 'a new container has a new hosts file');
});

test('a hosts file from before the last container', () => {
  const hosts = { addresses: ['10.0.0.7'], changedMs: 5_000 };
  const cases: [createdMs: number | undefined, expected: boolean][] = [
    [undefined, false],
    [5_000, true],
    [5_100, true],
    [5_101, false],
  ];
  for (const [createdMs, expected] of cases) assert.equal(isOfLastStart({ hosts, createdMs }), expected);
  assert.equal(isOfLastStart({ hosts: undefined, createdMs: 5_000 }), false);
});

test('a pods folder that cannot be read is an error, not a node without pods', () => {
  assert.throws(podFoldersReader(join(root, 'nowhere')), /does not exist/);
});
