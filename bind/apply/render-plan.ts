import { counted } from '../../lib/text/counted.ts';
import { type Paint, paintDiffLine } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Effect, HandedOver, Plan, ShownStep } from '../plan/plan-step.ts';
import { isRemoval } from '../plan/removal.ts';
import { countChanges, effectsOf } from './count-changes.ts';
import { diffLines } from './document-diff.ts';
import { describeTarget, type PlanTarget } from './plan-target.ts';

export interface Rendering {
  readonly target: PlanTarget;
  /** Completes "N changes; …" if there are any. */
  readonly todo: string;
  /** Print unchanged bindings and all documents. */
  readonly details: boolean;
  readonly paint: Paint;
}

/** More documents that appear or disappear as a whole would hide the changes of the others. */
const MAX_WHOLE_DOCUMENTS = 10;

/** Steps of a plan that belong together, such as the webhook. */
export interface PlanPart {
  readonly title: string;
  readonly steps: readonly ShownStep[];
  /** State of the part if it has no steps: `unchanged`. */
  readonly otherwise: string;
}

/**
 * Renders a plan for a person: the systems that it is for, a line per step with its document as a unified
 * diff, the notes, what is not done, and the objects by kind. A step that takes something away is marked with
 * REMOVAL, and counted.
 */
export function renderPlan(plan: Plan, rendering: Rendering): string {
  const { steps } = plan;
  return render(plan, rendering, (stepLines) => steps.flatMap(stepLines));
}

/** Renders a plan that has parts. @param rest its steps are those of the parts */
export function renderParts(
  parts: readonly PlanPart[],
  rest: Omit<Plan, 'steps'>,
  rendering: Rendering,
): string {
  const { paint } = rendering;
  const plan = { ...rest, steps: parts.flatMap(({ steps }) => steps) };
  return render(plan, rendering, (stepLines) =>
    parts.flatMap(({ title, steps, otherwise }) =>
      steps.length === 0
        ? [`${paint('heading', `${title}:`)} ${printable(otherwise)}`]
        : [paint('heading', `${title}:`), ...steps.flatMap(stepLines).map((line) => `  ${line}`)],
    ),
  );
}

type ShownPlan = Omit<Plan, 'steps'> & { readonly steps: readonly ShownStep[] };

function render(
  { steps, notes, notDone = [], handOver = [], unchanged = [] }: ShownPlan,
  { target, todo, details, paint }: Rendering,
  body: (stepLines: (step: ShownStep) => readonly string[]) => readonly string[],
): string {
  const removals = steps.filter(isRemoval).length;
  const removed = removals === 0 ? '' : `, ${removals} of them ${removals === 1 ? 'a removal' : 'removals'}`;
  const whole = steps.filter(isWhole).length;
  const hidesWhole = !details && whole > MAX_WHOLE_DOCUMENTS;
  const effects = effectsOf(steps);
  const totals = [
    ...countChanges(steps, 'planned'),
    ...(unchanged.length > 0 ? [`${counted(unchanged.length, nounOf(unchanged))} unchanged`] : []),
  ];
  const lines = [
    ...describeTarget(target).map((line) => paint('heading', line)),
    '',
    ...(details ? unchanged.map((object) => paint('minor', `  ${printable(object)}: unchanged`)) : []),
    ...body((step) => renderStep(step, effects.get(step.object), { hidesWhole, paint })),
    ...(hidesWhole ? [`note: ${whole} whole documents are left out; give --details to print them`] : []),
    ...notes.map((note) => `note: ${printable(note)}`),
    ...handOver.flatMap((document) => renderHandOver(document, paint)),
    ...notDone.map((line) => paint('alarm', `not done: ${printable(line)}`)),
    ...(steps.length > 0 || unchanged.length > 1 ? [paint('heading', `Plan: ${totals.join(', ')}`)] : []),
    steps.length === 0 ? 'no changes' : `${counted(steps.length, 'change')}${removed}; ${todo}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The lines of the document have no prefix but blanks, so that they can be copied. */
function renderHandOver({ object, name, document }: HandedOver, paint: Paint): readonly string[] {
  const lines = JSON.stringify(document, null, 2).split('\n');
  return [
    paint('alarm', printable(`${object}: for its owner, ${name}:`)),
    ...lines.map((line) => `    ${printable(line)}`),
  ];
}

function nounOf(objects: readonly string[]): string {
  return objects.every((object) => object.startsWith('binding ')) ? 'binding' : 'object';
}

/**
 * Returns a plan for a program: every change with its object, action, document before and after, and the call
 * that makes it; `removes` is true if it takes something away.
 * @param isApplied the changes have been made
 */
export function planForPrograms(
  { steps, notes, notDone = [], handOver = [] }: Plan,
  isApplied: boolean,
): object {
  const changes = steps.map((step) => (isRemoval(step) ? { ...step, removes: true } : step));
  const handed = handOver.length > 0 ? { handOver } : {};
  return { changes, notes, notDone, ...handed, applied: isApplied };
}

/** Describes a step in a line: `role shop-web: attach arn:…`. */
export function describeStep({ object, action }: ShownStep): string {
  return printable(`${object}: ${action}`);
}

function renderStep(
  step: ShownStep,
  effect: Effect | undefined,
  { hidesWhole, paint }: { readonly hidesWhole: boolean; readonly paint: Paint },
): readonly string[] {
  const diff = step.document && !(hidesWhole && isWhole(step)) ? diffLines(step.document) : [];
  return [headline(step, effect, paint), ...diff.map((line) => `    ${paintDiffLine(paint, line)}`)];
}

function headline(step: ShownStep, effect: Effect | undefined, paint: Paint): string {
  const described = describeStep(step);
  if (isRemoval(step)) return paint('alarm', `- REMOVAL: ${described}`);
  if (effect === 'create') return `${paint('created', '+')} ${described}`;
  return effect === 'delete'
    ? `${paint('removed', '-')} ${described}`
    : `${paint('changed', '~')} ${described}`;
}

/** True if the document of a step appears or disappears as a whole. */
function isWhole({ document }: ShownStep): boolean {
  return document !== undefined && (document.before === undefined || document.after === undefined);
}
