import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { ManifestObject } from '../../../testing/manifest-files.ts';
import { type Binary, findBinary } from '../../cluster/find-binary.ts';
import { type CommandResult, runCommand, succeed } from '../../cluster/run-command.ts';

export const MANIFESTS = fileURLToPath(new URL('../../../manifests', import.meta.url));
const CHART = `${MANIFESTS}/helm`;

/** Returns the output of `kubectl kustomize` for a folder. */
export function kustomize(folder: string): Promise<string> {
  return succeed(`kubectl kustomize ${folder}`, run('kubectl', ['kustomize', folder]));
}

/** Returns the manifests that helm would install into namespace podrole. @param values as for `--set` */
export function helmTemplate(...values: readonly string[]): Promise<string> {
  return succeed('helm template', helm('template', 'podrole', CHART, '--namespace=podrole', ...set(values)));
}

/** Runs a helm command for the chart. */
export function helm(...args: readonly string[]): Promise<CommandResult> {
  return run('helm', args);
}

export function lintChart(...values: readonly string[]): Promise<CommandResult> {
  return helm('lint', '--strict', CHART, ...set(values));
}

/** Returns the objects of rendered manifests, by apiVersion, kind, namespace and name. */
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
