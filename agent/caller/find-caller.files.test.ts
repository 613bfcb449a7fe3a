import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { LINK_FILES, linkFinder } from '../../lib/network/links.ts';
import { agentPod } from '../../testing/agent/pod-objects.ts';
import { readNodePod } from '../pods/read-node-pod.ts';
import { createCallerFinder } from './find-caller.ts';
import { readBootTime } from './witness/boot-time.ts';
import { podFoldersReader } from './witness/read-pod-folders.ts';

let podsFolder: string;
before(() => {
  podsFolder = mkdtempSync(join(tmpdir(), 'podrole-finder-'));
  mkdirSync(join(podsFolder, 'uid-1', 'containers', 'web'), { recursive: true });
  writeFileSync(join(podsFolder, 'uid-1', 'etc-hosts'), '192.0.2.77\tweb-0\n');
  writeFileSync(join(podsFolder, 'uid-1', 'containers', 'web', 'log'), '');
});
after(() => rmSync(podsFolder, { recursive: true }));

test('a pod is found by what the API server and the folder of kubelet show', async () => {
  const pod = readNodePod(
    agentPod({ status: { podIP: '192.0.2.77', containerStatuses: [{ state: { running: {} } }] } }),
  );
  const find = (address: string, statFile: string) => {
    const finder = createCallerFinder({
      readFolders: podFoldersReader(podsFolder),
      findLink: linkFinder(LINK_FILES),
      bootedMs: () => readBootTime(statFile),
      clock: systemClock,
      pods: {
        byUid: () => undefined,
        listNow: async () => ({ begunAtMs: performance.now(), pods: pod ? [pod] : [] }),
        onGone: () => {},
        onChange: () => () => {},
      },
    });
    return finder.find({ address, acceptedAtMs: performance.now() }, new AbortController().signal);
  };
  assert.deepEqual(await find('192.0.2.77', '/proc/stat'), { kind: 'workload', workload: pod });
  assert.equal((await find('192.0.2.78', '/proc/stat')).kind, 'stranger');

  const future = join(podsFolder, 'stat');
  writeFileSync(future, 'cpu 1 2\nbtime 99999999999\n');
  assert.deepEqual(await find('192.0.2.77', future), {
    kind: 'unclear',
    reason: 'pod shop/web-0 has not started since the node was booted',
  });
  const unreadable = await find('192.0.2.77', join(podsFolder, 'uid-1', 'etc-hosts'));
  assert.match(unreadable.kind === 'unclear' ? unreadable.reason : '', /has no btime$/);
});
