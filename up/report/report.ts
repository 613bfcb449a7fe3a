import type { PlanTarget } from '../../bind/apply/plan-target.ts';
import { type Rendering, renderParts } from '../../bind/apply/render-plan.ts';
import type { Plan, ShownStep } from '../../bind/plan/plan-step.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import type { PublicationPlan } from '../../oidc/publication/publish.ts';

/** Everything that a run found, before the first change. */
export interface UpPlan {
  readonly target: PlanTarget;
  /** Undefined if somebody else publishes the documents. */
  readonly publication: PublicationPlan | undefined;
  /** True if the keys were fetched from the issuer's URL, as STS does. */
  readonly isVerified: boolean;
  readonly provider: Plan;
  /** Undefined if the webhook is left as it is. */
  readonly webhook: Plan | undefined;
}

/** Returns all changes in the order in which they are made. */
export function stepsOf({ publication, provider, webhook }: UpPlan): readonly ShownStep[] {
  return [...documentSteps(publication), ...provider.steps, ...(webhook?.steps ?? [])];
}

/** Renders the plan as every plan is rendered, in its three parts. */
export function renderUp(plan: UpPlan, rendering: Omit<Rendering, 'target'>): string {
  const { target, publication, provider, webhook } = plan;
  const unchanged = webhook?.unchanged ?? [];
  const parts = [
    { title: 'keys', steps: documentSteps(publication), otherwise: stateOfKeys(plan) },
    { title: 'OIDC provider', steps: provider.steps, otherwise: 'unchanged' },
    {
      title: 'webhook',
      steps: webhook?.steps ?? [],
      otherwise: webhook ? 'unchanged' : 'left as it is',
    },
  ];
  const notes = [...provider.notes, ...(webhook?.notes ?? [])];
  return renderParts(parts, { notes, unchanged, faults: [] }, { ...rendering, target });
}

function documentSteps(publication: PublicationPlan | undefined): readonly ShownStep[] {
  return (publication?.writes ?? []).map(({ path, before, document }) => ({
    object: `document ${publication?.request.target.name} ${path}`,
    action: before ? 'change' : 'create',
    effect: before ? 'change' : 'create',
    document: { name: path, before: before && parsed(before.content), after: parsed(document.content) },
  }));
}

/** Parses a stored document. It may be of somebody else, and then perhaps not JSON. */
function parsed(content: string): unknown {
  try {
    return parseJson(content);
  } catch {
    return content;
  }
}

function stateOfKeys({ publication, isVerified }: UpPlan): string {
  const published = publication ? 'published' : 'published elsewhere';
  return isVerified ? `${published}, and served` : `${published}; not fetched`;
}

/** The plan for a program. @param isApplied the changes have been made */
export function describeUp(plan: UpPlan, isApplied: boolean): object {
  const { target, publication, provider, webhook } = plan;
  const stepOf = (part: string) => (step: ShownStep) => ({
    part,
    object: step.object,
    action: step.action,
    ...(step.document && { before: step.document.before, after: step.document.after }),
    call: step.call,
  });
  return {
    ...target,
    changes: [
      ...documentSteps(publication).map(stepOf('keys')),
      ...provider.steps.map(stepOf('provider')),
      ...(webhook?.steps ?? []).map(stepOf('webhook')),
    ],
    notes: [...provider.notes, ...(webhook?.notes ?? [])],
    applied: isApplied,
  };
}
