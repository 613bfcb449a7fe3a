import { TOPOLOGY_LABEL } from '../../lib/contract/kubernetes.ts';
import { ENDPOINT_KIND_ENV, ENV, STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { variableName } from '../../lib/settings/settings.ts';
import { type Grant, targetVariables } from '../grants.ts';
import type { NamedObject } from '../pod-parts.ts';
import { guardVariables } from './access.ts';
import { agreedValue } from './own-values.ts';
import { ownContainersOf, type SidecarPlan } from './plan.ts';

/**
 * Variables that the sidecar takes over from the pod's containers, so that it asks the same STS as they
 * would.
 */
const BORROWED = [
  ENV.defaultRegion,
  ENV.region,
  STS_ENDPOINT_ENV.endpointUrlSts,
  ENDPOINT_KIND_ENV.useFips,
  ENDPOINT_KIND_ENV.useDualstack,
];

/**
 * Returns the variables of the sidecar: role, token, session name and CA certificates as in the grant; region
 * from the grant, otherwise from the pod's containers if those that set one agree; the STS endpoint from
 * these containers, otherwise from the grant; the proxies; what clients must present; and the pod's topology
 * labels, in case the sidecar does not know its region otherwise.
 */
export function sidecarVariables(
  { access, proxies, target, settings }: SidecarPlan,
  grant: Grant,
  spec: JsonObject,
): readonly NamedObject[] {
  const containers = ownContainersOf(spec);
  const granted = grant.env.flatMap(([, variables]) => variables);
  const isGranted = (name: string) => granted.some((variable) => variable.name === name);
  const borrowed = BORROWED.filter((name) => !isGranted(name)).flatMap((name) => {
    const value = agreedValue(containers, [name]);
    return value ? [{ name, ...value }] : [];
  });
  const tokenFile = asText(granted.find(({ name }) => name === ENV.webIdentityTokenFile)?.['value']);
  const guard = tokenFile === undefined ? [] : guardVariables(access, tokenFile);
  return [
    ...granted.map((variable) => withOwnEndpoint(variable, containers)),
    ...borrowed,
    ...proxies,
    ...guard,
    ...(target ? targetFacts(target, settings.clusterName, [...granted, ...guard]) : []),
    fromLabel(ENV.topologyRegion, TOPOLOGY_LABEL.region),
    fromLabel(ENV.topologyZone, TOPOLOGY_LABEL.zone),
  ];
}

/**
 * Returns the variables from which the sidecar builds the external ID and the tags of a target's session.
 * @param present variables that it has anyway
 */
function targetFacts(
  target: NonNullable<SidecarPlan['target']>,
  clusterName: string,
  present: readonly NamedObject[],
): readonly NamedObject[] {
  const literals = { ...targetVariables(target), [CLUSTER_NAME]: clusterName };
  const fields = [
    [ENV.namespace, 'metadata.namespace'],
    [ENV.serviceAccount, 'spec.serviceAccountName'],
    [ENV.podName, 'metadata.name'],
    [ENV.podUid, 'metadata.uid'],
  ] as const;
  return [
    ...Object.entries(literals).map(([name, value]) => ({ name, value })),
    ...fields
      .filter(([name]) => !present.some((variable) => variable.name === name))
      .map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
  ];
}

const CLUSTER_NAME = variableName('clusterName');

/** Returns the variable with the STS that all containers ask, if they override that of the grant. */
function withOwnEndpoint(variable: NamedObject, containers: readonly unknown[]): NamedObject {
  const { name } = variable;
  if (name !== STS_ENDPOINT_ENV.endpointUrlSts) return variable;
  const own = agreedValue(containers, [name]);
  return own ? { name, ...own } : variable;
}

/**
 * Returns a variable with the value of one of the pod's labels; empty if the pod does not have it. [k8s]
 * downward API
 */
function fromLabel(name: string, label: string): NamedObject {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${label}']` } } };
}
