import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type parse, parseAllDocuments } from 'yaml';
import {
  flagName,
  readSettings,
  type SettingsOf,
  type SettingsTable,
  variableName,
} from '../lib/settings/settings.ts';

/** A Kubernetes object as a manifest contains it; tests may read every member. */
export type ManifestObject = ReturnType<typeof parse>;

const MANIFESTS = new URL('../manifests/', import.meta.url);

/** @param file below manifests/ */
export function readManifest(file: string): string {
  return readFileSync(new URL(file, MANIFESTS), 'utf8');
}

/** Returns every object of a YAML file below manifests/. */
export function readObjects(file: string): readonly ManifestObject[] {
  return parseAllDocuments(readManifest(file), { merge: true }).map((document) => document.toJS());
}

/** Returns the only object of this kind, and of this name if one is given. */
export function onlyObject(
  objects: readonly ManifestObject[],
  kind: string,
  name: string | undefined = undefined,
): ManifestObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  assert.equal(found.length, 1, `${found.length} objects ${kind} ${name ?? ''}`);
  return found[0];
}

/** Returns the lines of an env file. */
export function readVariables(file: string): Readonly<Record<string, string>> {
  const lines = readManifest(file)
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/**
 * Returns the settings that a command reads from a manifest's flags and variables; fails if one of them is
 * unknown.
 */
export function settingsOf<Table extends SettingsTable>(
  table: Table,
  flags: readonly string[],
  variables: Readonly<Record<string, string>>,
): SettingsOf<Table> {
  const names = Object.entries(table).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
  const given = Object.fromEntries(
    flags.map((flag) => {
      const [, written, value = 'true'] = /^--([a-z-]+)(?:=(.*))?$/.exec(flag) ?? [];
      return [names.find((name) => flagName(name) === written) ?? assert.fail(`unknown flag ${flag}`), value];
    }),
  );
  for (const variable of Object.keys(variables).filter((name) => name.startsWith('PODROLE_'))) {
    assert.ok(
      names.some((name) => variableName(name) === variable),
      `unknown variable ${variable}`,
    );
  }
  return readSettings(table, given, variables);
}

/**
 * Fails unless the pods of a Deployment pass the restricted Pod Security Standard, have a read-only root, and
 * request resources.
 */
export function expectRestricted({ spec: pod }: ManifestObject): void {
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.ok(pod.securityContext.runAsUser > 0);
  assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes']) assert.equal(pod[name], undefined);
  for (const { securityContext, resources } of pod.containers) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
  }
}

/** Fails unless replicas are spread over nodes, are never drained together, and match the selectors. */
export function expectApart({ spec }: ManifestObject, { spec: budget }: ManifestObject): void {
  const { matchLabels } = spec.selector;
  for (const [name, value] of Object.entries(matchLabels)) {
    assert.equal(spec.template.metadata.labels[name], value);
  }
  assert.deepEqual(budget.selector.matchLabels, matchLabels);
  assert.ok(budget.maxUnavailable < spec.replicas);
  for (const { labelSelector } of spec.template.spec.topologySpreadConstraints) {
    assert.deepEqual(labelSelector.matchLabels, matchLabels);
  }
}
