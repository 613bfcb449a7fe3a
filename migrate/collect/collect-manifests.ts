import type { Readable } from 'node:stream';
import type { Unread } from '../../doctor/audit/collect/unread.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { OldProxy } from '../model.ts';
import type { MigrateSettings } from '../settings.ts';
import type { CollectedObjects } from './collected.ts';
import { WORKLOAD_KINDS } from './kinds.ts';
import { narrowProxy } from './narrow/narrow-proxy.ts';
import { createObjectSink } from './object-sink.ts';
import { readManifests } from './read-manifests.ts';
import { roleAnnotationOf } from './read-proxies.ts';

export interface ManifestsInput {
  readonly settings: MigrateSettings;
  readonly from: OldProxy;
  readonly stdin: Readable;
  readonly unread: Unread;
}

/**
 * Reads saved manifests, and nothing of a cluster.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_MANIFEST` with a fault for each error
 */
export async function collectManifests(input: ManifestsInput): Promise<CollectedObjects> {
  const { settings, from, stdin, unread } = input;
  const objects = await readManifests(settings, stdin);
  const proxies = objects.flatMap((object) => {
    const kind = asText(object['kind']);
    return kind === 'DaemonSet' || kind === 'Deployment' ? (narrowProxy(from, kind, object) ?? []) : [];
  });
  const podRoleAnnotation = roleAnnotationOf(settings, proxies);
  const sink = createObjectSink({ podRoleAnnotation, annotationPrefix: settings.annotationPrefix });
  const has = new Set<string>();
  for (const object of objects) {
    const kind = asText(object['kind']) ?? '';
    if (isElsewhere(object, kind, settings.namespace)) continue;
    has.add(kind);
    const workload = WORKLOAD_KINDS.find((each) => each.kind === kind);
    if (workload) sink.addWorkload(workload, object);
    else if (kind === 'Pod') sink.addPod(object);
    else if (kind === 'Namespace') sink.addNamespace(object);
    else if (kind === 'ServiceAccount') sink.addServiceAccount(object);
    else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') sink.addBinding(kind, object);
  }
  for (const [kind, missing] of WANTED)
    if (!has.has(kind)) unread.add(`${kind}: the manifests hold none; without it: ${missing}`);
  if (proxies.length === 0)
    unread.add(`${from}: the manifests do not hold it; without it: its flags and its default role`);
  if (settings.issuer === undefined)
    unread.add('issuer: give --issuer; without it: whether the roles trust the ServiceAccounts');
  return {
    proxies: proxies.length > 0 ? proxies : undefined,
    podRoleAnnotation,
    workloads: sink.workloads(),
    hasAllPods: has.has('Pod'),
    isWhole: has.has('Pod') && settings.namespace === undefined,
    namespaces: has.has('Namespace') ? sink.namespaces : undefined,
    serviceAccounts: has.has('ServiceAccount') ? sink.serviceAccounts : undefined,
    bindings: has.has('RoleBinding') || has.has('ClusterRoleBinding') ? sink.bindings : undefined,
    issuer: settings.issuer,
    hasObjects: true,
  };
}

const WANTED = [
  ['Namespace', 'which roles the namespaces allow'],
  ['ServiceAccount', 'which names are free for new ServiceAccounts'],
  ['Pod', 'who runs now, and who serves its role'],
] as const;

function isElsewhere(object: JsonObject, kind: string, namespace: string | undefined): boolean {
  if (namespace === undefined || kind === 'ClusterRoleBinding') return false;
  const metadata = metadataOf(object);
  return (kind === 'Namespace' ? metadata?.['name'] : metadata?.['namespace']) !== namespace;
}
