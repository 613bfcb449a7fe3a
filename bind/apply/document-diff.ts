import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { asArray, asObject } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';
import { printable } from '../../lib/text/printable.ts';
import type { DocumentChange } from '../plan/plan-step.ts';

/**
 * Returns a unified diff without the lines above its `---`, and without the marks of a missing last line
 * break.
 */
export function diffLines({ name, before, after, format }: DocumentChange): readonly string[] {
  const patch = createTwoFilesPatch(
    `${name} now`,
    `${name} then`,
    textOf(before, format),
    textOf(after, format),
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

function textOf(document: unknown, format: DocumentChange['format']): string {
  if (document === undefined) return '';
  const text =
    format === 'yaml'
      ? stringify(document, { sortMapEntries: true, aliasDuplicateObjects: false }).trimEnd()
      : JSON.stringify(inOrder(document), null, 2);
  return `${text.split('\n').map(printable).join('\n')}\n`;
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
