import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { describeStep } from '../../bind/apply/render-plan.ts';
import type { DocumentChange, Plan, PlanStep } from '../../bind/plan/plan-step.ts';
import { printable } from '../../lib/text/printable.ts';
import type { PublicationPlan } from '../../oidc/publication/publish.ts';

/** Everything that a run found, before the first change. */
export interface UpPlan {
  readonly cluster: { readonly server: string; readonly context: string; readonly version: string };
  readonly issuer: string;
  /** Undefined if somebody else publishes the documents. */
  readonly publication: PublicationPlan | undefined;
  /** True if the keys were fetched from the issuer's URL, as STS does. */
  readonly isVerified: boolean;
  readonly provider: Plan;
  /** Undefined if the webhook is left as it is. */
  readonly webhook: (Plan & { readonly unchangedObjects: number }) | undefined;
}

export function countChanges({ publication, provider, webhook }: UpPlan): number {
  return (publication?.writes.length ?? 0) + provider.steps.length + (webhook?.steps.length ?? 0);
}

/** @param todo completes "N changes; …" if there are any */
export function renderUp(plan: UpPlan, todo: string): string {
  const { cluster, issuer, publication, provider, webhook } = plan;
  const changes = countChanges(plan);
  const documents = (publication?.writes ?? []).map(
    ({ path, before }) =>
      `${before ? '~' : '+'} ${publication?.request.target.name} ${path}: ${before ? 'change' : 'write'}`,
  );
  const lines = [
    `cluster ${cluster.context || cluster.server}, ${cluster.server}, Kubernetes ${cluster.version}`,
    `issuer ${issuer}`,
    section('keys', documents, stateOfKeys(plan)),
    section('OIDC provider', provider.steps.flatMap(renderStep), 'unchanged'),
    webhook
      ? section('webhook', webhook.steps.flatMap(renderStep), `${webhook.unchangedObjects} objects unchanged`)
      : 'webhook: left as it is',
    ...[...provider.notes, ...(webhook?.notes ?? [])].map((note) => `note: ${printable(note)}`),
    changes === 0 ? 'no changes' : `${changes} ${changes === 1 ? 'change' : 'changes'}; ${todo}`,
  ];
  return `${lines.join('\n')}\n`;
}

function stateOfKeys({ publication, isVerified }: UpPlan): string {
  const published = publication ? 'published' : 'published elsewhere';
  return isVerified ? `${published}, and served` : `${published}; not fetched`;
}

function section(name: string, lines: readonly string[], otherwise: string): string {
  return lines.length === 0
    ? `${name}: ${otherwise}`
    : [`${name}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function renderStep(step: PlanStep): readonly string[] {
  const mark = step.action.startsWith('create') ? '+' : '~';
  return [`${mark} ${describeStep(step)}`, ...(step.document ? diffLines(step.document) : [])];
}

/** Returns the hunks of a unified diff in YAML, as kubectl diff shows objects. */
function diffLines({ name, before, after }: DocumentChange): readonly string[] {
  const textOf = (value: unknown) => stringify(value, { sortMapEntries: true, aliasDuplicateObjects: false });
  const patch = createTwoFilesPatch(name, name, textOf(before), textOf(after), undefined, undefined, {
    context: 3,
  });
  const lines = patch.trimEnd().split('\n');
  return lines
    .slice(lines.findIndex((line) => line.startsWith('@@')))
    .map((line) => `    ${printable(line)}`);
}

/** The plan for a program. @param isApplied the changes have been made */
export function describeUp(plan: UpPlan, isApplied: boolean): object {
  const { cluster, issuer, publication, provider, webhook } = plan;
  const stepOf = (part: string) => (step: PlanStep) => ({
    part,
    object: step.object,
    action: step.action,
    ...(step.document && { before: step.document.before, after: step.document.after }),
    call: step.call,
  });
  return {
    cluster,
    issuer,
    changes: [
      ...(publication?.writes ?? []).map(({ path, before, document }) => ({
        part: 'keys',
        object: `${publication?.request.target.name} ${path}`,
        action: before ? 'change' : 'write',
        before: before?.content,
        after: document.content,
      })),
      ...provider.steps.map(stepOf('provider')),
      ...(webhook?.steps ?? []).map(stepOf('webhook')),
    ],
    notes: [...provider.notes, ...(webhook?.notes ?? [])],
    applied: isApplied,
  };
}
