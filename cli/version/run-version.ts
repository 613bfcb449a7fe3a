import { version as nodeVersion } from 'node:process';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { connect } from '../../kubernetes/connect.ts';
import { readServerVersion } from '../../kubernetes/server-version.ts';
import { describeFault, PodroleError } from '../../lib/errors.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import type { Env, Output } from '../../lib/surroundings.ts';
import { printable } from '../../lib/text/printable.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { type ComponentPod, readComponentPods } from './cluster-versions.ts';
import type { VersionSettings } from './settings.ts';
import { findSkew, type Versions, versionsOf } from './skew.ts';

interface VersionSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** Versions that could be read, and the reason why the others could not. */
interface Found {
  readonly versions: Versions;
  readonly notes: readonly string[];
  readonly failure?: unknown;
}

/**
 * Runs `podrole version`.
 * @throws PodroleError if a cluster is named and does not answer, after the versions of this command are
 *   printed
 */
export async function runVersion(
  settings: VersionSettings,
  { stdout, stderr, env, signal }: VersionSurroundings,
): Promise<void> {
  const own = { podrole: packageJson.version, node: nodeVersion };
  const { versions, notes, failure } = settings.client
    ? { versions: own, notes: [] }
    : await readVersions(own, settings, env, signal);
  const warnings = findSkew(versions);
  if (settings.output === 'text') {
    stdout.write(renderVersions(versions));
    for (const note of notes) stderr.write(`note: ${printable(note)}\n`);
    for (const warning of warnings) stderr.write(`warning: ${printable(warning)}\n`);
  } else {
    stdout.write(renderForPrograms({ ...versions, notes, warnings }, settings.output));
  }
  if (failure !== undefined) throw failure;
}

async function readVersions(
  own: Versions,
  settings: VersionSettings,
  env: Env,
  signal: AbortSignal,
): Promise<Found> {
  let client: ApiClient;
  try {
    client = connect(settings, env);
  } catch (thrown) {
    // Without a kubeconfig, only the versions of this command are asked for.
    if (!(thrown instanceof PodroleError) || thrown.code !== 'NO_CLUSTER' || settings.context)
      return { versions: own, notes: [], failure: thrown };
    return {
      versions: own,
      notes: thrown.faults.map(
        ({ object, problem, remedy }) => `no cluster is asked: the ${object} ${problem}; ${remedy}`,
      ),
    };
  }
  try {
    return await readClusterVersions(own, client, signal);
  } finally {
    client.close();
  }
}

async function readClusterVersions(own: Versions, client: ApiClient, signal: AbortSignal): Promise<Found> {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  let versions = own;
  try {
    const remedy = 'name a cluster of Kubernetes, or give --client';
    versions = { ...versions, kubernetes: await readServerVersion(client, limits, remedy) };
    return { versions: { ...versions, ...(await readComponentPods(client, limits)) }, notes: [] };
  } catch (thrown) {
    const isPartly = versions.kubernetes !== undefined && thrown instanceof PodroleError;
    if (!isPartly || thrown.code !== 'API_REFUSED') return { versions, notes: [], failure: thrown };
    const notes = thrown.faults.map(
      (fault) => `the versions of webhook and agent are not known: ${describeFault(fault)}`,
    );
    return { versions, notes };
  }
}

function renderVersions({ podrole, node, kubernetes, webhooks, agents }: Versions): string {
  const rows = [
    ['podrole', podrole],
    ['Node', node],
    ...(kubernetes === undefined ? [] : [['Kubernetes', kubernetes]]),
    ...(webhooks ? [['Webhook', describePods(webhooks)]] : []),
    ...(agents ? [['Agent', describePods(agents)]] : []),
  ];
  return rows.map(([name = '', value = '']) => `${`${name}:`.padEnd(12)}${printable(value)}\n`).join('');
}

function describePods(found: readonly ComponentPod[]): string {
  if (found.length === 0) return 'no running pod of it';
  const versions = versionsOf(found);
  const unknown = found.find(({ version }) => version === undefined);
  const shown = unknown ? [...versions, `image ${unknown.image}`] : versions;
  const namespaces = [...new Set(found.map(({ namespace }) => namespace))].sort();
  const pods = found.length === 1 ? '1 pod' : `${found.length} pods`;
  const where = `namespace${namespaces.length === 1 ? '' : 's'} ${namespaces.join(', ')}`;
  return `${shown.join(', ')} (${pods} in ${where})`;
}
