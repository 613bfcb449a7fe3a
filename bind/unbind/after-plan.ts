import { asObject, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import type { Plan } from '../plan/plan-step.ts';

/**
 * Returns a ServiceAccount as the steps of a plan leave it; undefined if they delete it. A second change to
 * it in the same run begins there. It has no resourceVersion, because the first change makes a new one.
 */
export function serviceAccountAfter(object: JsonObject | undefined, { steps }: Plan): JsonObject | undefined {
  if (!object || steps.length === 0) return object;
  const { resourceVersion: _, ...metadata } = metadataOf(object) ?? {};
  let annotations = asObject(metadata['annotations']) ?? {};
  for (const { call } of steps) {
    if (call.service !== 'cluster') continue;
    if (call.change.method === 'DELETE') return undefined;
    const patch = asObject(metadataOf(call.change.body)?.['annotations']) ?? {};
    annotations = Object.fromEntries(
      Object.entries({ ...annotations, ...patch }).filter(([, value]) => value !== null),
    );
  }
  return { ...object, metadata: { ...metadata, annotations } };
}

/** Returns a role as the steps of a plan leave it; undefined if they delete it. */
export function roleAfter(facts: RoleFacts, { steps }: Plan): RoleFacts | undefined {
  let left = facts;
  for (const { call } of steps) {
    if (call.service !== 'iam') continue;
    if (call.operation === 'DeleteRole') return undefined;
    if (call.operation === 'UpdateAssumeRolePolicy')
      left = { ...left, trustPolicy: JSON.parse(call.input.PolicyDocument ?? '') };
  }
  return left;
}
