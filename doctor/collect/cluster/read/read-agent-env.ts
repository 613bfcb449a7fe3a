import { apiPath } from '../../../../kubernetes/api-path.ts';
import { ENDPOINT_KIND_ENV, ENV, STS_ENDPOINT_ENV } from '../../../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import type { NodeAgentFacts } from '../../../facts/cluster-facts.ts';
import { type ClusterAccess, getObject } from './read-cluster.ts';

/** Variables of a container as its DaemonSet sets them. */
export interface AgentEnv {
  /** Plain values of `env`, which come before those of ConfigMaps. */
  readonly values: Readonly<Record<string, string>>;
  /** ConfigMaps of `envFrom` without a prefix; a later one comes before an earlier one. */
  readonly configMaps: readonly string[];
}

const MOST_CONFIG_MAPS = 5;
/** Variables by which podrole's agent finds its STS. */
const STS_VARIABLES: readonly string[] = [
  ENV.region,
  ENV.defaultRegion,
  STS_ENDPOINT_ENV.endpointUrlSts,
  STS_ENDPOINT_ENV.endpointUrl,
  ...Object.values(ENDPOINT_KIND_ENV),
];

/** Narrows the container of the agent in the pod template of its DaemonSet. */
export function narrowAgentEnv(container: JsonObject | undefined): AgentEnv {
  const configMaps = objectsOf(container?.['envFrom']).flatMap(({ prefix, configMapRef }) => {
    const name = asText(asObject(configMapRef)?.['name']);
    return name !== undefined && !prefix ? [name] : [];
  });
  return { values: stsVariables(entriesOf(container)), configMaps: configMaps.slice(0, MOST_CONFIG_MAPS) };
}

function entriesOf(container: JsonObject | undefined): readonly (readonly [string, unknown])[] {
  return objectsOf(container?.['env']).map(({ name, value }) => [asText(name) ?? '', value]);
}

function stsVariables(entries: readonly (readonly [string, unknown])[]): Record<string, string> {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const text = asText(value);
      return text !== undefined && STS_VARIABLES.includes(name) ? [[name, text]] : [];
    }),
  );
}

/** Reads the variables that lead an agent to its STS. */
export async function readAgentEnv(
  access: ClusterAccess,
  namespace: string,
  { values, configMaps }: AgentEnv,
): Promise<NonNullable<NodeAgentFacts['stsEnv']>> {
  const found: Record<string, string> = {};
  for (const name of configMaps) {
    const path = apiPath('/api/v1', 'namespaces', namespace, 'configmaps', name);
    const needs = `get on configmaps in the namespace ${namespace}`;
    const data = await getObject(access, path, needs, (object) =>
      stsVariables(Object.entries(asObject(object['data']) ?? {})),
    );
    if (data.state === 'read') Object.assign(found, data.value);
    else if (data.state !== 'absent') return data;
  }
  return { state: 'read', value: { ...found, ...values } };
}
