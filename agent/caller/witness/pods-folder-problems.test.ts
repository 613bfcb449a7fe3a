import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { samplePod } from '../../../testing/agent/sample-pod.ts';
import { podsFolderProblems } from './pods-folder-problems.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-pods-folder-'));
after(() => rmSync(root, { recursive: true }));
const pods = join(root, 'pods');
for (const name of ['uid-1', 'mirror']) mkdirSync(join(pods, name), { recursive: true });
writeFileSync(join(root, 'file'), '');

const podOf = (folder: string, isRunning: boolean) => samplePod('web', { folder, isRunning });

test('a folder that cannot be that of kubelet has a problem', () => {
  const running = podOf('uid-1', true);
  const cases: [name: string, folder: string, known: ReturnType<typeof podOf>[], problem?: RegExp][] = [
    ['no pods', pods, []],
    ['its folder is there', pods, [running]],
    ['a mirror has the folder of its static pod', pods, [podOf('mirror', true)]],
    ['one that kubelet has not begun', pods, [podOf('uid-2', false)]],
    ['one of two', pods, [podOf('uid-2', true), running]],
    ['another node', pods, [podOf('uid-2', true)], /has no folder of a running pod of this node/],
    ['not there', join(root, 'nowhere'), [], /nowhere, cannot be read \(ENOENT\).*--kubelet-pods-folder/],
    ['a file', join(root, 'file'), [running], /cannot be read \(ENOTDIR\)/],
  ];
  for (const [name, folder, known, problem] of cases) {
    const problems = podsFolderProblems(folder, known);
    assert.equal(problems.length, problem ? 1 : 0, name);
    if (problem) assert.match(problems.join(), problem, name);
  }
});
