import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { asObject, type JsonObject } from '../../lib/json/json.ts';
import { podOf, ROLE, withRole } from '../../testing/doctor/doctor-cluster.ts';
import { startDoctorSite } from '../../testing/doctor/doctor-site.ts';
import type { ReceivedRequest } from '../../testing/kubernetes/fake-api-server.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { DoctorResult } from '../render/for-programs.ts';
import { readSaved } from '../saved/read-saved.ts';

const ACCOUNTS = 200;
const NAMES = Array.from({ length: ACCOUNTS }, (_, at) => `app-${at}`);

interface Pod {
  readonly hour: number;
  readonly phase?: string;
  readonly isLeaving?: boolean;
  readonly hasRole?: boolean;
}

/** Pods of a ServiceAccount; each world is that of every seventh one. */
const WORLDS: readonly (readonly Pod[])[] = [
  [],
  [{ hour: 1, hasRole: true }],
  [{ hour: 2 }, { hour: 1, hasRole: true }],
  [{ hour: 1, hasRole: true }, { hour: 2 }],
  [
    { hour: 2, phase: 'Succeeded' },
    { hour: 1, hasRole: true },
  ],
  [{ hour: 1 }, { hour: 2, isLeaving: true, hasRole: true }],
  [{ hour: 1, phase: 'Failed' }],
];

/** Agent pods of each node. Judged pods are on these nodes, and on one without an agent. */
const AGENTS: Readonly<Record<string, readonly ('True' | 'False')[]>> = {
  'node-0': ['True'],
  'node-1': ['False'],
  'node-2': ['True', 'False'],
};
const NODE_COUNT = 4;

test('--all lists pods and events once, and finds what each ServiceAccount alone shows', async (t) => {
  const site = await startDoctorSite();
  t.after(site.stop);
  const { cluster } = site;
  cluster.objects.delete('/api/v1/namespaces/shop/serviceaccounts/web');
  for (const [at, name] of NAMES.entries()) {
    const annotations = { 'eks.amazonaws.com/role-arn': ROLE };
    const path = `/api/v1/namespaces/shop/serviceaccounts/${name}`;
    cluster.store(path, { metadata: { namespace: 'shop', name, annotations } });
    for (const pod of WORLDS[at % WORLDS.length] ?? []) storePod(cluster.store, name, pod);
  }
  storeAgents(cluster.store);
  const judge = async (...operands: readonly string[]) => {
    const before = cluster.requests.length;
    const saved = join(site.folder, operands.join());
    const { stdout } = await site.podrole('doctor', '-n', 'shop', ...operands, '--save', saved, '-o', 'json');
    const { chains }: DoctorResult = JSON.parse(stdout.replaceAll(/in \d+ ms/g, 'in time'));
    const lists = cluster.requests
      .slice(before)
      .filter(isPodOrEventList)
      .map(({ target }) => target);
    return { chains, lists, facts: await readSaved(saved) };
  };
  const all = await judge('--all');
  assert.equal(all.chains.length, ACCOUNTS);
  const ofAgents = all.lists.filter((target) => target.includes('/kube-system/pods?'));
  assert.equal(ofAgents.length, 1);
  const events = [...cluster.objects.keys()].filter((path) => path.includes('/events/'));
  const warnings = events.length * (WARNINGS / EVENTS.length);
  assert.equal(all.lists.filter((target) => target.includes('/shop/pods?')).length, 1);
  assert.equal(all.lists.filter((target) => target.includes('/events?')).length, Math.ceil(warnings / 500));

  // All other ServiceAccounts are in one of the same worlds.
  const some = NAMES.slice(0, WORLDS.length);
  const oneByOne = await judge(...some);
  assert.ok(oneByOne.lists.length > some.length);
  const isSome = ({ subject }: { readonly subject: { readonly name: string } }) =>
    some.includes(subject.name);
  assert.deepEqual(all.chains.filter(isSome).map(withoutSpeed), oneByOne.chains.map(withoutSpeed));
  const states = oneByOne.facts.flatMap(({ cluster: { nodeAgents } }) =>
    nodeAgents.state === 'read' ? nodeAgents.value.map(({ onNode }) => onNode) : nodeAgents.state,
  );
  assert.deepEqual([...new Set(states)].sort(), ['none', 'not ready', 'ready', 'unknown']);
  assert.deepEqual(all.facts.filter(isSome).map(podFactsOf), oneByOne.facts.map(podFactsOf));
});

/** The link of the discovery document says how fast it came, which differs on a busy machine. */
function withoutSpeed({ subject, roleArn, chain }: DoctorResult['chains'][number]) {
  return { subject, roleArn, chain: chain.filter(({ link }) => link !== 'discovery') };
}

function podFactsOf({ cluster: { pod, events, dryRun, nodeAgents } }: ChainFacts) {
  return { pod, events, dryRun, nodeAgents };
}

function isPodOrEventList({ method, pathname }: ReceivedRequest): boolean {
  return method === 'GET' && /\/(?:pods|events)$/.test(pathname);
}

/** More than are kept, so that sorting and cutting are done. */
const WARNINGS = 45;
/** Types of the events of each pod. */
const EVENTS = [...Array.from({ length: WARNINGS }, () => 'Warning'), 'Normal'];

function storePod(
  store: (path: string, object: JsonObject) => unknown,
  account: string,
  { hour, phase = 'Running', isLeaving = false, hasRole = false }: Pod,
): void {
  const name = `${account}-${hour}`;
  const pod = hasRole ? withRole(podOf(name)) : podOf(name);
  const creationTimestamp = `2026-01-02T1${hour}:00:00Z`;
  const deletion = isLeaving ? { deletionTimestamp: '2026-01-02T18:00:00Z' } : {};
  store(`/api/v1/namespaces/shop/pods/${name}`, {
    ...pod,
    metadata: { ...asObject(pod['metadata']), creationTimestamp, ...deletion },
    spec: { ...asObject(pod['spec']), serviceAccountName: account, nodeName: nodeOf(account) },
    status: { phase },
  });
  for (const [at, type] of EVENTS.entries()) {
    store(`/api/v1/namespaces/shop/events/${name}.${at}`, {
      metadata: { namespace: 'shop', name: `${name}.${at}` },
      involvedObject: { kind: 'Pod', namespace: 'shop', name, uid: `uid-${name}` },
      type,
      reason: 'FailedMount',
      message: `MountVolume.SetUp failed ${at}`,
      lastTimestamp: `2026-01-02T19:${String((at * 7) % 30).padStart(2, '0')}:00Z`,
    });
  }
}

function nodeOf(account: string): string {
  return `node-${Number(account.replace('app-', '')) % NODE_COUNT}`;
}

function storeAgents(store: (path: string, object: JsonObject) => unknown): void {
  const name = 'eks-pod-identity-agent';
  const metadata = { namespace: 'kube-system', name };
  const spec = { selector: { matchLabels: { app: name } } };
  store(`/apis/apps/v1/namespaces/kube-system/daemonsets/${name}`, { metadata, spec });
  for (const [nodeName, states] of Object.entries(AGENTS)) {
    for (const [at, status] of states.entries()) {
      store(`/api/v1/namespaces/kube-system/pods/${name}-${nodeName}-${at}`, {
        metadata: { namespace: 'kube-system', name: `${name}-${nodeName}-${at}` },
        spec: { nodeName },
        status: { conditions: [{ type: 'Ready', status }] },
      });
    }
  }
}
