import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { ManifestObject } from '../../testing/manifest-files.ts';
import { type Binary, findBinary } from '../cluster/find-binary.ts';
import type { CommandResult } from '../cluster/kubectl.ts';

export const MANIFESTS = fileURLToPath(new URL('../../manifests', import.meta.url));
const CHART = `${MANIFESTS}/helm`;

/** What `kubectl kustomize` prints for a folder. */
export async function kustomize(folder: string): Promise<string> {
  return expectOutput(await run('kubectl', ['kustomize', folder]));
}

/** What helm would install into the namespace podrole. @param values as of `--set` */
export async function helmTemplate(...values: readonly string[]): Promise<string> {
  return expectOutput(await helm('template', 'podrole', CHART, '--namespace=podrole', ...set(values)));
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

function expectOutput({ code, stdout, stderr }: CommandResult): string {
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function run(program: Binary, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(findBinary(program, process.env['PODROLE_E2E_BINARIES']), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code ?? 1, stdout, stderr };
}
