import { type AuditAccess, eachObject } from '../../doctor/audit/collect/bounded-list.ts';
import type { Unread } from '../../doctor/audit/collect/unread.ts';
import { readApiServer } from '../../doctor/collect/cluster/read/read-api-server.ts';
import { valueIn } from '../../doctor/facts/value-in.ts';
import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import type { Clock } from '../../lib/clock.ts';
import { asObject } from '../../lib/json/json.ts';
import type { Progress } from '../../lib/surroundings.ts';
import type { OldProxy } from '../model.ts';
import type { MigrateSettings } from '../settings.ts';
import type { CollectedObjects } from './collected.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  NAMESPACES,
  PODS,
  ROLE_BINDINGS,
  SERVICE_ACCOUNTS,
  WORKLOAD_KINDS,
} from './kinds.ts';
import { createObjectSink, type ObjectSink } from './object-sink.ts';
import { readProxies, roleAnnotationOf } from './read-proxies.ts';

export interface ClusterInput {
  readonly client: ApiClient;
  readonly limits: Limits;
  readonly settings: MigrateSettings;
  readonly from: OldProxy;
  readonly clock: Pick<Clock, 'now'>;
  readonly progress: Progress;
  readonly unread: Unread;
}

/**
 * Reads a cluster. Lists come in pages and are narrowed as they are read; what is denied is named in
 * `unread`, and the other reads go on.
 */
export async function collectCluster(input: ClusterInput): Promise<CollectedObjects> {
  const { client, limits, settings, from, unread, progress } = input;
  const access: AuditAccess = { client, limits, namespace: settings.namespace, unread };
  progress.show(`looking for ${from}`);
  const proxies = await readProxies(access, from);
  const podRoleAnnotation = roleAnnotationOf(settings, proxies);
  const sink = createObjectSink({ podRoleAnnotation, annotationPrefix: settings.annotationPrefix });
  progress.show('reading workloads');
  const answers: Answer[] = [];
  for (const kind of WORKLOAD_KINDS)
    answers.push(await eachObject(access, kind, (object) => sink.addWorkload(kind, object)));
  progress.show('reading pods');
  const pods = await eachObject(access, PODS, sink.addPod);
  answers.push(pods);
  progress.show('reading namespaces and ServiceAccounts');
  const namespaces = await readNamespaces(access, sink);
  const accounts = await eachObject(access, SERVICE_ACCOUNTS, sink.addServiceAccount);
  return {
    proxies,
    podRoleAnnotation,
    workloads: sink.workloads(),
    hasAllPods: pods === 'all',
    isWhole: settings.namespace === undefined && answers.every((answer) => answer === 'all'),
    namespaces: namespaces === 'all' ? sink.namespaces : undefined,
    serviceAccounts: accounts === 'all' ? sink.serviceAccounts : undefined,
    bindings: (await readBindings(access, sink)) ? sink.bindings : undefined,
    issuer: settings.issuer ?? (await readIssuer(access, input.clock)),
    hasObjects:
      answers.some((answer) => answer !== 'denied') && !answers.every((answer) => answer === 'some'),
  };
}

type Answer = Awaited<ReturnType<typeof eachObject>>;

/** Whoever may read only one namespace often may get it, but not list all. */
async function readNamespaces(access: AuditAccess, sink: ObjectSink): Promise<Answer> {
  const { namespace, client, limits } = access;
  if (namespace !== undefined) {
    const answer = await client.get(apiPath('/api/v1', 'namespaces', namespace), limits);
    const object = answer.status === 200 ? asObject(answer.body) : undefined;
    if (object) {
      sink.addNamespace(object);
      return 'all';
    }
  }
  return await eachObject(access, NAMESPACES, sink.addNamespace);
}

async function readBindings(access: AuditAccess, sink: ObjectSink): Promise<boolean> {
  // Bindings of other namespaces may name ServiceAccounts of this one.
  const everywhere = { ...access, namespace: undefined };
  const answers = [
    await eachObject(everywhere, ROLE_BINDINGS, (object) => sink.addBinding('RoleBinding', object)),
    await eachObject(everywhere, CLUSTER_ROLE_BINDINGS, (object) =>
      sink.addBinding('ClusterRoleBinding', object),
    ),
  ];
  return answers.every((answer) => answer === 'all');
}

async function readIssuer(access: AuditAccess, { now }: Pick<Clock, 'now'>): Promise<string | undefined> {
  const { apiServer } = await readApiServer(access, now);
  access.unread.note('issuer', apiServer, 'whether the roles trust the ServiceAccounts');
  return valueIn(apiServer)?.issuer || undefined;
}
