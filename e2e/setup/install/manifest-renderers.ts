import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { ManifestObject } from '../../../testing/manifest-files.ts';
import { type Binary, findBinary } from '../../cluster/find-binary.ts';
import { type CommandResult, runCommand, succeed } from '../../cluster/run-command.ts';

export const MANIFESTS = fileURLToPath(new URL('../../../manifests', import.meta.url));
const CHART = `${MANIFESTS}/helm`;

/** What `kubectl kustomize` prints for a folder. */
export function kustomize(folder: string): Promise<string> {
  return succeed(`kubectl kustomize ${folder}`, run('kubectl', ['kustomize', folder]));
}

/** What helm would install into the namespace podrole. @param values as of `--set` */
export function helmTemplate(...values: readonly string[]): Promise<string> {
  return succeed('helm template', helm('template', 'podrole', CHART, '--namespace=podrole', ...set(values)));
}

/** A command of helm about the chart. */
export function helm(...args: readonly string[]): Promise<CommandResult> {
  return run('helm', args);
}

export function lintChart(...values: readonly string[]): Promise<CommandResult> {
  return helm('lint', '--strict', CHART, ...set(values));
}

/** The objects of a rendered text, by what identifies them. */
export function objectsByKey(rendered: string): Readonly<Record<string, ManifestObject>> {
  const objects = parseAllDocuments(rendered)
    .map((document) => document.toJS() as ManifestObject)
    .filter((object) => object !== null);
  return Object.fromEntries(
    objects.map((object) => [
      `${object.apiVersion} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
      object,
    ]),
  );
}

function set(values: readonly string[]): readonly string[] {
  return values.map((value) => `--set=${value}`);
}

function run(program: Binary, args: readonly string[]): Promise<CommandResult> {
  return runCommand(findBinary(program, process.env['PODROLE_E2E_BINARIES']), args);
}
