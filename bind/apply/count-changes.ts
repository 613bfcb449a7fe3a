import { counted } from '../../lib/text/counted.ts';
import type { Effect, ShownStep } from '../plan/plan-step.ts';

/** Kinds of objects as the steps name them, in the order of the totals: `role shop-web`. */
const KINDS = ['document', 'OIDC provider', 'role', 'namespace', 'ServiceAccount'] as const;

/** Returns what becomes of each object of a plan, in the order of the steps. */
export function effectsOf(steps: readonly ShownStep[]): ReadonlyMap<string, Effect> {
  const effects = new Map<string, Effect>();
  for (const step of steps) {
    const found = effects.get(step.object);
    if (found === undefined || found === 'change') effects.set(step.object, effectOf(step));
  }
  return effects;
}

function effectOf({ call, effect }: ShownStep): Effect {
  if (effect) return effect;
  if (!call) return 'change';
  if (call.service === 'cluster') {
    const { method } = call.change;
    return method === 'POST' ? 'create' : method === 'DELETE' ? 'delete' : 'change';
  }
  const [, verb] = /^(Create|Delete)(?:Role|OpenIDConnectProvider)$/.exec(call.operation) ?? [];
  return verb === 'Create' ? 'create' : verb === 'Delete' ? 'delete' : 'change';
}

/**
 * Counts the objects by effect and kind: `2 roles to create, 1 ServiceAccount to change`.
 * @param tense of changes that are planned, or have been made
 */
export function countChanges(steps: readonly ShownStep[], tense: 'planned' | 'made'): readonly string[] {
  const kinds = new Map(steps.map((step) => [step.object, kindOf(step)]));
  const counts = new Map<string, number>();
  for (const [object, effect] of effectsOf(steps)) {
    const key = `${effect} ${kinds.get(object)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (['create', 'change', 'delete'] as const).flatMap((effect) =>
    [...new Set([...KINDS, ...kinds.values()])].flatMap((kind) => {
      const count = counts.get(`${effect} ${kind}`);
      const verb = tense === 'planned' ? `to ${effect}` : `${effect}d`;
      return count === undefined ? [] : [`${counted(count, kind)} ${verb}`];
    }),
  );
}

function kindOf({ object, kind }: ShownStep): string {
  return kind ?? KINDS.find((known) => object.startsWith(`${known} `)) ?? 'object';
}
