import { isTooOld, OLDEST_KUBERNETES } from '../../kubernetes/server-version.ts';
import type { ComponentPod, ComponentPods } from './cluster-versions.ts';

export interface Versions extends Partial<ComponentPods> {
  readonly podrole: string;
  readonly node: string;
  readonly kubernetes?: string;
}

/** Returns a warning for each pair of versions that are not meant to work together. */
export function findSkew({ podrole, kubernetes, webhooks, agents }: Versions): readonly string[] {
  const warnings: string[] = [];
  if (kubernetes !== undefined && isTooOld(kubernetes))
    warnings.push(
      `Kubernetes ${kubernetes} is older than ${OLDEST_KUBERNETES}, the oldest that podrole works with`,
    );
  return [...warnings, ...skewOf('webhook', podrole, webhooks), ...skewOf('agent', podrole, agents)];
}

function skewOf(
  component: 'webhook' | 'agent',
  podrole: string,
  pods: readonly ComponentPod[] = [],
): readonly string[] {
  const warnings: string[] = [];
  const served = versionsOf(pods);
  if (served.length > 1)
    warnings.push(
      `the ${component} runs in several versions: ${served.join(', ')}; if no rollout is in progress, install one version`,
    );
  for (const version of served)
    if (!areCompatible(podrole, version))
      warnings.push(
        `podrole is ${podrole}, but the ${component} is ${version}; use the same minor version of both, or annotations of one may not be known to the other`,
      );
  return warnings;
}

/** Returns the different versions of a component, without `v`. */
export function versionsOf(pods: readonly ComponentPod[]): readonly string[] {
  const versions = pods.flatMap(({ version }) => (version === undefined ? [] : version.replace(/^v/, '')));
  return [...new Set(versions)].sort();
}

/** True for the same minor version, and for tags such as `latest` that are not versions. */
function areCompatible(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  return !a || !b || (a[0] === b[0] && a[1] === b[1]);
}

/** Returns major and minor of `v1.37.0-alpha.1`. */
function numbersOf(version: string): readonly [major: number, minor: number] | undefined {
  const [, major, minor] = /^v?(\d{1,5})\.(\d{1,5})(?!\d)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}
