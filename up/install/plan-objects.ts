import { isDeepStrictEqual } from 'node:util';
import { mapLimited } from '../../bind/facts/map-limited.ts';
import { EMPTY_PLAN, joinPlans, type Plan, type PlanStep } from '../../bind/plan/plan-step.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { objectPath } from '../../kubernetes/object-path.ts';
import { type FieldConflict, fieldConflicts, serverSideApply } from '../../kubernetes/server-side-apply.ts';
import type { Fault } from '../../lib/errors.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { describeId, idOf } from './manifest.ts';
import { readObject, refusedObject } from './read-webhook.ts';

const READS_AT_ONCE = 5;
/** In totals: the names of all their kinds would be a long line. */
const KIND = 'webhook object';

/**
 * Names under which `kubectl edit`, `patch` and the like change fields: such a change is drift, and is
 * undone. A GitOps tool or a controller has its own name: its fields are its own.
 */
const BY_HAND = /^kubectl(-(edit|patch|replace|label|annotate|set|scale|create|rollout))?$/;

/** True for a change that nobody keeps in a manifest. `kubectl apply --server-side` has the name kubectl. */
function isByHand(live: JsonObject | undefined, manager: string): boolean {
  const entries = (asArray(metadataOf(live)?.['managedFields']) ?? []).map(asObject);
  const isApplied = entries.some((entry) => entry?.['manager'] === manager && entry['operation'] === 'Apply');
  return BY_HAND.test(manager) && !isApplied;
}

/** @throws PodroleError `API_REFUSED`, `API_UNREACHABLE` */
export async function planObjects(
  objects: readonly JsonObject[],
  force: boolean,
  cluster: ApiClient,
  signal: AbortSignal,
): Promise<Plan> {
  const namespaces = await mapLimited(
    objects.filter((object) => object['kind'] === 'Namespace'),
    READS_AT_ONCE,
    async (object) => ((await readObject(cluster, idOf(object), signal)) ? idOf(object).name : undefined),
  );
  const plans = await mapLimited(objects, READS_AT_ONCE, async (object): Promise<Plan> => {
    const { namespace } = idOf(object);
    // The API server cannot say what an object in a namespace that does not exist would be.
    const isNew = namespace !== undefined && !namespaces.includes(namespace);
    return isNew ? planOf(creation(object)) : await planObject(object, force, cluster, signal);
  });
  return joinPlans(plans);
}

async function planObject(
  object: JsonObject,
  force: boolean,
  cluster: ApiClient,
  signal: AbortSignal,
): Promise<Plan> {
  const id = idOf(object);
  const path = objectPath(id);
  const tryApply = (forced: boolean) =>
    cluster.send(serverSideApply(path, object, { dryRun: true, force: forced }), {
      timeoutMs: CLUSTER_TIMEOUT_MS,
      signal,
    });
  const live = await readObject(cluster, id, signal);
  let answer = await tryApply(force);
  const conflicts = fieldConflicts(answer);
  const foreign = conflicts.filter(({ manager }) => !isByHand(live, manager));
  if (foreign.length > 0) return { ...EMPTY_PLAN, faults: [conflictFault(describeId(id), foreign)] };
  const isForced = force || conflicts.length > 0;
  if (conflicts.length > 0) answer = await tryApply(true);
  const after = asObject(answer.body);
  if (answer.status >= 300 || !after) throw refusedObject(id, 'patch', answer);
  if (!live) return planOf(creation(object));
  const [before, then] = [comparable(live), comparable(after)];
  if (isDeepStrictEqual(before, then)) return { ...EMPTY_PLAN, unchanged: [describeId(id)] };
  // With force, nobody may have changed it since it was shown.
  const resourceVersion = metadataOf(live)?.['resourceVersion'];
  const body = isForced ? { ...object, metadata: { ...metadataOf(object), resourceVersion } } : object;
  const step: PlanStep = {
    object: describeId(id),
    action: 'change',
    kind: KIND,
    document: { name: describeId(id), before, after: then, format: 'yaml' },
    call: { service: 'cluster', change: serverSideApply(path, body, { force: isForced }) },
  };
  const notes = conflicts.map(
    ({ field, manager }) => `${describeId(id)}: ${field} was changed by ${manager}, and is set back`,
  );
  return { ...planOf(step), notes };
}

function planOf(step: PlanStep): Plan {
  return { ...EMPTY_PLAN, steps: [step] };
}

function creation(object: JsonObject): PlanStep {
  const id = idOf(object);
  return {
    object: describeId(id),
    action: 'create',
    // A server-side apply, as a change is.
    effect: 'create',
    kind: KIND,
    document: { name: describeId(id), before: undefined, after: comparable(object), format: 'yaml' },
    call: { service: 'cluster', change: serverSideApply(objectPath(id), object, {}) },
  };
}

function conflictFault(object: string, conflicts: readonly FieldConflict[]): Fault {
  const fields = conflicts.map(({ field, manager }) => `${field} (${manager})`).join(', ');
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].join(', ');
  return {
    code: 'FIELD_CONFLICT',
    object,
    problem: `has fields that others manage, with other values: ${fields}`,
    remedy: `make the change with ${managers}, or give --force-conflicts to take the fields over`,
  };
}

/** Members that the API server sets at each write. */
const BY_SERVER = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp'];

/** Annotation in which kubectl apply stores a whole object: also the data of a Secret. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Returns an object without what the API server sets, and without the data of a Secret. */
function comparable({ status: _, ...object }: JsonObject): JsonObject {
  const { annotations, ...others } = metadataOf(object) ?? {};
  const shown = Object.entries(asObject(annotations) ?? {}).filter(([key]) => key !== LAST_APPLIED);
  const metadata = [
    ...Object.entries(others).filter(([key]) => !BY_SERVER.includes(key)),
    ...(shown.length > 0 ? [['annotations', Object.fromEntries(shown)] as const] : []),
  ];
  const isSecret = object['kind'] === 'Secret' && 'data' in object;
  return {
    ...object,
    metadata: Object.fromEntries(metadata),
    ...(isSecret ? { data: '(not shown)' } : {}),
  };
}
