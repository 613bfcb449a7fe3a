import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samplePod } from '../../testing/agent/sample-pod.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { decideCaller, type Evidence } from './decide-caller.ts';
import type { PodFolder } from './witness/pod-folder.ts';

const [ASKED, OTHER] = ['10.0.0.1', '10.0.0.2'];
const STARTED_MS = 100_000;
const LATER_MS = 105_000;

/** Hosts file as kubelet wrote it, or as its pod has changed it since. */
function folder(address: string | undefined, createdMs: number, changedMs = createdMs): PodFolder {
  return { hosts: { addresses: address === undefined ? [] : [address], changedMs }, createdMs };
}

const WEB = samplePod('web', { addresses: [ASKED], startedMs: STARTED_MS });
/** The rival is younger, so only what is known of it can clear it. */
const RIVAL = { addresses: [OTHER], startedMs: LATER_MS } as const;
const NEW = { addresses: [], isRunning: false, startedMs: 0 } as const;
const OWN_HOSTS: PodFolder = { hosts: undefined, createdMs: LATER_MS };
const CHANGED = (address: string | undefined) => folder(address, LATER_MS, LATER_MS + 1);

/** A rival of a pod that is certain without it. Undefined: the API server does not show it. */
const RIVALS: [
  name: string,
  pod: Partial<NodePod> | undefined,
  files: PodFolder,
  isClear: boolean,
  evidence?: Partial<Evidence>,
][] = [
  ['reported elsewhere', RIVAL, folder(OTHER, LATER_MS), true],
  ['not reported, elsewhere by its file', NEW, folder(OTHER, LATER_MS), true],
  ['not reported, here by its file', NEW, folder(ASKED, LATER_MS), false],
  ['not reported, with an emptied file', NEW, CHANGED(undefined), false],
  ['not reported, with hosts of its own', { ...NEW, hasOwnHosts: true }, OWN_HOSTS, false],
  [
    'not reported, with a file from before a container with hosts of its own',
    { ...NEW, hasOwnHosts: true },
    folder(OTHER, LATER_MS),
    false,
  ],
  ['running, without an address', { ...RIVAL, addresses: [] }, CHANGED(undefined), false],
  ['running, without an address, with a claim', { ...RIVAL, addresses: [] }, CHANGED(ASKED), false],
  ['reported elsewhere, with a claim', RIVAL, CHANGED(ASKED), true],
  ['reported elsewhere, with an emptied file', RIVAL, CHANGED(undefined), true],
  ['reported elsewhere, here by a file of kubelet', RIVAL, folder(ASKED, LATER_MS), false],
  [
    'reported elsewhere before its last start, with a claim',
    { ...RIVAL, startedMs: STARTED_MS },
    CHANGED(ASKED),
    false,
  ],
  ['reported here, with an emptied file', { ...RIVAL, addresses: [ASKED] }, CHANGED(undefined), false],
  ['crashed just now', { ...RIVAL, isRunning: false }, CHANGED(undefined), false],
  [
    'crashed, and waits',
    { ...RIVAL, isRunning: false },
    CHANGED(undefined),
    true,
    { nowMs: LATER_MS + 10_001 },
  ],
  [
    'crashed, and waits, but started again unreported',
    { ...RIVAL, isRunning: false, startedMs: STARTED_MS },
    CHANGED(undefined),
    false,
    { nowMs: LATER_MS + 10_001 },
  ],
  ['finished', { ...RIVAL, isRunning: false, isFinished: true }, CHANGED(ASKED), true],
  ['with the network of the node', { ...NEW, isHostNetwork: true }, CHANGED(ASKED), true],
  [
    'a mirror that says that it has the network of the node',
    { ...NEW, isHostNetwork: true, isMirror: true },
    CHANGED(undefined),
    false,
  ],
  ['bound, but not started', NEW, { hosts: undefined, createdMs: undefined }, true],
  ['not shown, elsewhere', undefined, folder(OTHER, LATER_MS), true],
  ['not shown, here', undefined, folder(ASKED, LATER_MS), false],
  ['not shown, with an emptied file', undefined, CHANGED(undefined), false],
  ['not shown, with a claim to be elsewhere', undefined, CHANGED(OTHER), false],
  ['not shown, with hosts of its own', undefined, OWN_HOSTS, false],
  [
    'not shown, with a file from before its last container',
    undefined,
    folder(OTHER, LATER_MS, LATER_MS - 101),
    false,
  ],
  ['not shown, not started', undefined, { hosts: undefined, createdMs: undefined }, true],
  ['older, with a claim of later', NEW, folder(ASKED, STARTED_MS - 1, LATER_MS), true],
  ['older and not shown', undefined, folder(undefined, STARTED_MS - 1, LATER_MS), true],
  ['as old', NEW, folder(ASKED, STARTED_MS), false],
  [
    'older, but the clock was set back',
    NEW,
    folder(ASKED, STARTED_MS - 1, LATER_MS),
    false,
    { nowMs: STARTED_MS - 1 },
  ],
];

for (const [name, pod, files, isClear, evidence] of RIVALS) {
  test(`a rival ${name} is ${isClear ? 'cleared' : 'possible'}`, () => {
    const rival = pod && samplePod('rival', pod);
    const pods = rival ? [rival, WEB] : [WEB];
    const folders = new Map([
      [WEB.folder, folder(ASKED, STARTED_MS)],
      ['uid-rival', files],
    ]);
    for (const inOrder of [pods, pods.toReversed()]) {
      const verdict = decideCaller({
        address: ASKED,
        pods: inOrder,
        folders,
        bootedMs: 0,
        nowMs: LATER_MS + 5,
        ...evidence,
      });
      if (isClear) assert.deepEqual(verdict, { kind: 'workload', workload: WEB });
      else assert.equal(verdict.kind, 'again');
    }
  });
}

test('of two that the API server shows at the address, the one that started last has it', () => {
  const former = samplePod('former', { addresses: [ASKED] });
  const folders = new Map([
    [former.folder, folder(ASKED, STARTED_MS - 1_000)],
    [WEB.folder, folder(ASKED, STARTED_MS)],
  ]);
  for (const pods of [
    [former, WEB],
    [WEB, former],
  ]) {
    const verdict = decideCaller({ address: ASKED, pods, folders, bootedMs: 0, nowMs: LATER_MS });
    assert.deepEqual(verdict, { kind: 'workload', workload: WEB });
  }
});

test('a device that is named after a pod clears all others of the list', () => {
  const rival = samplePod('rival', NEW);
  const own = folder(ASKED, STARTED_MS);
  const cases: [name: string, owner: NodePod | undefined, pods: NodePod[], web: PodFolder, kind: string][] = [
    ['after the pod', WEB, [rival, WEB], own, 'workload'],
    ['after none', undefined, [rival, WEB], own, 'again'],
    ['after the rival', rival, [rival, WEB], own, 'again'],
    ['after the pod, but the rival was removed by force', WEB, [WEB], own, 'again'],
    ['after the pod, but its file is not here', WEB, [rival, WEB], CHANGED(OTHER), 'again'],
  ];
  for (const [name, ownerOfDevice, pods, web, kind] of cases) {
    const folders = new Map([
      [WEB.folder, web],
      [rival.folder, OWN_HOSTS],
    ]);
    const evidence = { address: ASKED, pods, folders, ownerOfDevice, bootedMs: 0, nowMs: LATER_MS };
    assert.equal(decideCaller(evidence).kind, kind, name);
  }
});

test('who has no address of a pod of this node is a stranger', () => {
  const cases: [name: string, pod: Partial<NodePod>, kind: string][] = [
    ['a pod that runs, on another node or without a folder', {}, 'again'],
    ['a pod that has finished', { isRunning: false, isFinished: true }, 'stranger'],
    ['the node itself', { isHostNetwork: true }, 'stranger'],
    ['another address', { addresses: [OTHER] }, 'stranger'],
  ];
  for (const [name, others, kind] of cases) {
    const pods = [samplePod('web', { addresses: [ASKED], ...others })];
    const verdict = decideCaller({ address: ASKED, pods, folders: new Map(), bootedMs: 0, nowMs: LATER_MS });
    assert.equal(verdict.kind, kind, name);
  }
});

test('a pod is not certain without all of its witnesses', () => {
  const cases: [name: string, pod: Partial<NodePod>, files: PodFolder | undefined, bootedMs: number][] = [
    ['no address in the API', { addresses: [] }, folder(ASKED, STARTED_MS), 0],
    ['another address in the API', { addresses: [OTHER] }, folder(ASKED, STARTED_MS), 0],
    ['no container runs', { isRunning: false }, folder(ASKED, STARTED_MS), 0],
    ['no folder', {}, undefined, 0],
    ['another address in its file', {}, CHANGED(OTHER), 0],
    ['no address in its file', {}, CHANGED(undefined), 0],
    ['hosts of its own', { hasOwnHosts: true }, OWN_HOSTS, 0],
    ['a file from before the boot', {}, folder(ASKED, STARTED_MS), STARTED_MS + 1],
  ];
  for (const [name, others, files, bootedMs] of cases) {
    const pods = [samplePod('web', { addresses: [ASKED], startedMs: STARTED_MS, ...others })];
    const folders = new Map(files ? [['uid-web', files]] : []);
    const verdict = decideCaller({ address: ASKED, pods, folders, bootedMs, nowMs: LATER_MS });
    assert.equal(verdict.kind, 'again', name);
  }
});
