import type { PlanStep } from '../plan/plan-step.ts';

export type Outcome = 'create' | 'change' | 'delete';

/** Kinds of objects as the steps name them: `role shop-web`. */
const KINDS = ['OIDC provider', 'role', 'namespace', 'ServiceAccount'] as const;

/** Returns what becomes of each object of a plan, in the order of the steps. */
export function outcomesOf(steps: readonly PlanStep[]): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const step of steps) {
    const found = outcomes.get(step.object);
    if (found === undefined || found === 'change') outcomes.set(step.object, outcomeOf(step));
  }
  return outcomes;
}

function outcomeOf({ call }: PlanStep): Outcome {
  if (call.service === 'cluster') {
    const { method } = call.change;
    return method === 'POST' ? 'create' : method === 'DELETE' ? 'delete' : 'change';
  }
  const [, verb] = /^(Create|Delete)(?:Role|OpenIDConnectProvider)$/.exec(call.operation) ?? [];
  return verb === 'Create' ? 'create' : verb === 'Delete' ? 'delete' : 'change';
}

/**
 * Counts the objects by outcome and kind: `2 roles to create, 1 ServiceAccount to change`.
 * @param tense of changes that are planned, or have been made
 */
export function countChanges(steps: readonly PlanStep[], tense: 'planned' | 'made'): readonly string[] {
  const counts = new Map<string, number>();
  for (const [object, outcome] of outcomesOf(steps)) {
    const kind = KINDS.find((known) => object.startsWith(`${known} `)) ?? 'object';
    const key = `${outcome} ${kind}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (['create', 'change', 'delete'] as const).flatMap((outcome) =>
    [...KINDS, 'object'].flatMap((kind) => {
      const count = counts.get(`${outcome} ${kind}`);
      const verb = tense === 'planned' ? `to ${outcome}` : `${outcome}d`;
      return count === undefined ? [] : [`${counted(count, kind)} ${verb}`];
    }),
  );
}

/** `1 role`, `2 roles`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
