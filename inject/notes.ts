import type { Fault } from '../lib/errors.ts';
import type { Output } from '../lib/surroundings.ts';
import { printable } from '../lib/text/printable.ts';
import type { Injection } from './inject-manifests.ts';
import type { PassedOver } from './pod-templates/passed-over.ts';
import { writeKind, writePath } from './pod-templates/template-path.ts';
import type { UnusedPath } from './pod-templates/unused-paths.ts';

/**
 * Writes the warnings and notes of a run: a line each or, beside JSON, one line of JSON.
 */
export function writeNotes(
  injection: Pick<Injection, 'warnings' | 'unknown' | 'passedOver' | 'unusedPaths'>,
  stderr: Output['stderr'],
  asJson: boolean,
): void {
  const { warnings } = injection;
  const notes = [
    ...injection.unknown.map(describeUnknown),
    ...injection.passedOver.map(describePassedOver),
    ...injection.unusedPaths.map(describeUnusedPath),
  ];
  if (asJson) {
    if (warnings.length + notes.length > 0) stderr.write(`${JSON.stringify({ warnings, notes })}\n`);
    return;
  }
  for (const line of warnings) stderr.write(`warning: ${printable(line)}\n`);
  for (const line of notes) stderr.write(`note: ${printable(line)}\n`);
}

function describeUnknown({ object, problem }: Fault): string {
  return `${object}: ${problem}; left unchanged`;
}

function describePassedOver({ kind, group, objects, templatePaths }: PassedOver): string {
  const subject = `${count(objects)} of kind ${writeKind(kind, group)} seem${objects === 1 ? 's' : ''} to hold pods`;
  if (templatePaths.length === 0) {
    return `${subject}, but no pod template; left unchanged; only the webhook can give these pods a role`;
  }
  const flags = templatePaths.map((path) => `--template-path ${path}`).join(' ');
  return `${subject}, which podrole does not know; left unchanged; if these are pod templates, give ${flags}`;
}

function describeUnusedPath({ kind, group, path, objects }: UnusedPath): string {
  const written = `${kind}${group === undefined ? '' : `.${group}`}=${writePath(path)}`;
  return `--template-path ${written}: no pod template is there in ${count(objects)} of this kind; left unchanged`;
}

function count(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`;
}
