import { TOPOLOGY_LABEL } from '../../lib/contract/kubernetes.ts';
import { ENV, STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import type { Grant } from '../grants.ts';
import { listOf, type NamedObject, nameOf } from '../pod-parts.ts';
import { guardVariables, type SidecarAccess } from './access.ts';
import { INJECTED_NAMES } from './plan.ts';

/**
 * Variables that the sidecar takes over from the pod's containers, so that it asks the same STS as they
 * would.
 */
const BORROWED = [ENV.defaultRegion, ENV.region, STS_ENDPOINT_ENV.endpointUrlSts];

/**
 * Returns the variables of the sidecar: role, token and session name as in the grant; region and STS endpoint
 * from the grant, otherwise from the pod's containers if those that set one agree; what clients must present;
 * and the pod's topology labels, in case the sidecar does not know its region otherwise.
 */
export function sidecarVariables(
  access: SidecarAccess,
  grant: Grant,
  spec: JsonObject,
): readonly NamedObject[] {
  const granted = grant.env.filter(([part]) => part !== 'sidecar').flatMap(([, variables]) => variables);
  const borrowed = BORROWED.filter((name) => granted.every((variable) => variable.name !== name)).flatMap(
    (name) => {
      const [value, ...others] = valuesOf(name, spec);
      return value !== undefined && others.length === 0 ? [{ name, value }] : [];
    },
  );
  const tokenFile = asText(granted.find(({ name }) => name === ENV.webIdentityTokenFile)?.['value']);
  return [
    ...granted,
    ...borrowed,
    ...(tokenFile === undefined ? [] : guardVariables(access, tokenFile)),
    fromLabel(ENV.topologyRegion, TOPOLOGY_LABEL.region),
    fromLabel(ENV.topologyZone, TOPOLOGY_LABEL.zone),
  ];
}

/** Returns the different values that the pod's own containers give to a variable. */
function valuesOf(variable: string, spec: JsonObject): readonly string[] {
  const values = new Set<string>();
  for (const container of [
    ...(listOf(spec['initContainers']) ?? []),
    ...(listOf(spec['containers']) ?? []),
  ]) {
    if (INJECTED_NAMES.includes(nameOf(container) ?? '')) continue;
    const env = listOf(asObject(container)?.['env']) ?? [];
    const value = asText(asObject(env.find((item) => nameOf(item) === variable))?.['value']);
    // A reference to another variable of that container has no meaning here.
    if (value && !value.includes('$(')) values.add(value);
  }
  return [...values];
}

/**
 * Returns a variable with the value of one of the pod's labels; empty if the pod does not have it. [k8s]
 * downward API
 */
function fromLabel(name: string, label: string): NamedObject {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${label}']` } } };
}
