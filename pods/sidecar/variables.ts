import { TOPOLOGY_LABEL } from '../../lib/contract/kubernetes.ts';
import { ENV, STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import type { Grant } from '../grants.ts';
import { listOf, type NamedObject, nameOf } from '../pod-parts.ts';
import { guardVariables, type SidecarAccess } from './access.ts';
import { INJECTED_NAMES } from './plan.ts';

/** What the sidecar takes over from the pod's containers, so that it asks the STS that they would ask. */
const BORROWED = [ENV.defaultRegion, ENV.region, STS_ENDPOINT_ENV.endpointUrlSts];

/**
 * Variables of the sidecar: role, token and session name as its grant has them for the other containers; region and STS, of the grant,
 * else as all containers of the pod that say one say it; what it is to be shown for container credentials; and the pod's topology labels, for a sidecar that knows no region by then.
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

/** The different values of a variable that the pod's own containers give it. */
function valuesOf(variable: string, spec: JsonObject): readonly string[] {
  const values = new Set<string>();
  for (const container of [
    ...(listOf(spec['initContainers']) ?? []),
    ...(listOf(spec['containers']) ?? []),
  ]) {
    if (INJECTED_NAMES.includes(nameOf(container) ?? '')) continue;
    const env = listOf(asObject(container)?.['env']) ?? [];
    const value = asText(asObject(env.find((item) => nameOf(item) === variable))?.['value']);
    // What refers to another variable of its container means nothing here.
    if (value && !value.includes('$(')) values.add(value);
  }
  return [...values];
}

/** A variable with the value of one of the pod's labels, empty where it has none of that name. [k8s] downward API */
function fromLabel(name: string, label: string): NamedObject {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${label}']` } } };
}
