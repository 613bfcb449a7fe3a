import { createTwoFilesPatch } from 'diff';
import { asArray, asObject } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';
import { printable } from '../../lib/text/printable.ts';
import type { DocumentChange, Plan, PlanStep } from '../plan/plan-step.ts';
import { isRemoval } from '../plan/removal.ts';

/**
 * Renders a plan for a person: a line per step, with its document as a unified diff, the notes, and what is
 * not done. A step that takes something away begins with REMOVAL, and is counted.
 * @param todo completes "N changes; …" if there are any
 */
export function renderPlan({ steps, notes, notDone = [] }: Plan, todo: string): string {
  const removals = steps.filter(isRemoval).length;
  const removed = removals === 0 ? '' : `, ${removals} of them ${removals === 1 ? 'a removal' : 'removals'}`;
  const count = `${steps.length} ${steps.length === 1 ? 'change' : 'changes'}${removed}`;
  const lines = [
    ...steps.flatMap(renderStep),
    ...notes.map((note) => `note: ${printable(note)}`),
    ...notDone.map((line) => `not done: ${printable(line)}`),
    steps.length === 0 ? 'no changes' : `${count}; ${todo}`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Renders a plan for a program: every change with its object, action, document before and after, and the call
 * that makes it; `removes` is true if it takes something away.
 * @param isApplied the changes have been made
 */
export function planJson({ steps, notes, notDone = [] }: Plan, isApplied: boolean): string {
  const changes = steps.map((step) => (isRemoval(step) ? { ...step, removes: true } : step));
  return `${JSON.stringify({ changes, notes, notDone, applied: isApplied }, null, 2)}\n`;
}

/** Describes a step in a line: `role shop-web: attach arn:…`. */
export function describeStep({ object, action }: PlanStep): string {
  return printable(`${object}: ${action}`);
}

function renderStep(step: PlanStep): readonly string[] {
  const diff = step.document ? diffLines(step.document) : [];
  const mark = isRemoval(step) ? 'REMOVAL: ' : '';
  return [`${mark}${describeStep(step)}`, ...diff.map((line) => `  ${line}`)];
}

/**
 * Returns a unified diff without the lines above its `---`, and without the marks of a missing last line
 * break.
 */
function diffLines({ name, before, after }: DocumentChange): readonly string[] {
  const patch = createTwoFilesPatch(
    `${name} now`,
    `${name} then`,
    textOf(before),
    textOf(after),
    undefined,
    undefined,
    {
      context: 3,
    },
  );
  const from = patch.indexOf('--- ');
  return patch
    .slice(from)
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('\\ No newline'));
}

function textOf(document: unknown): string {
  if (document === undefined) return '';
  const lines = JSON.stringify(inOrder(document), null, 2).split('\n');
  return `${lines.map(printable).join('\n')}\n`;
}

/**
 * Usual order of the members of a policy: a diff then shows what differs, and not how the members are sorted.
 */
const USUAL_ORDER = [
  'Version',
  'Id',
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'Resource',
  'Condition',
  'Statement',
];

function inOrder(value: unknown): unknown {
  const list = asArray(value);
  if (list) return list.map(inOrder);
  const object = asObject(value);
  if (!object) return value;
  const place = (key: string) => (USUAL_ORDER.includes(key) ? USUAL_ORDER.indexOf(key) : USUAL_ORDER.length);
  const sorted = Object.entries(object).sort(([a], [b]) => place(a) - place(b) || compareText(a, b));
  return Object.fromEntries(sorted.map(([key, member]) => [key, inOrder(member)]));
}
