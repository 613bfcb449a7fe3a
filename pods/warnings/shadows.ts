import { quote } from '../../identity/warning.ts';
import { ENV, SHADOWING_ENV } from '../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { ENV_PARTS, type EnvPart } from '../env-parts.ts';
import type { Grant } from '../grants.ts';
import { nameOf } from '../pod-parts.ts';
import type { Oddity } from './oddity.ts';

type Variables = ReadonlyMap<string, JsonObject>;

/**
 * Returns what in the variables of a container leads its SDKs away from the grant. Variables of `envFrom` are
 * not seen: they are not a part of the pod.
 * @param container with what the grant gives it
 * @param isTokenFile true for a path at which the container mounts a token of its own
 */
export function shadowsOf(
  container: JsonObject,
  grant: Grant,
  isTokenFile: (path: string) => boolean,
): readonly Oddity[] {
  const variables = variablesOf(container);
  const parts = new Map(grant.env);
  return [
    ...staticKeys(variables),
    ...profiles(variables),
    ...(parts.has('web-identity')
      ? [
          ...credentialsFile(variables, 'the SDKs for JavaScript'),
          ...otherRole(variables, grantedOf(parts, 'web-identity'), isTokenFile),
        ]
      : []),
    ...(parts.has('container-credentials')
      ? [
          ...webIdentity(variables),
          ...credentialsFile(variables, 'SDKs'),
          ...otherEndpoint(variables, parts, 'container-credentials'),
        ]
      : []),
    ...(parts.has('agent-role')
      ? [...credentialsFile(variables, 'SDKs'), ...otherOf(variables, parts, 'agent-role')]
      : []),
    ...(parts.has('target-role') ? otherOf(variables, parts, 'target-role') : []),
    ...(['sidecar', 'agent'] as const).flatMap((part) =>
      parts.has(part) && isRoleOf(parts, variables) ? otherEndpoint(variables, parts, part) : [],
    ),
  ];
}

const SKIP = 'or list the container in skip-containers';

function staticKeys(variables: Variables): readonly Oddity[] {
  const name = SHADOWING_ENV.accessKeys.find((candidate) => isSet(variables.get(candidate)));
  if (name === undefined) return [];
  // Never the value: it belongs to a key.
  return [
    { problem: `${name} is set, and SDKs use static keys instead of the role`, remedy: `remove it, ${SKIP}` },
  ];
}

function profiles(variables: Variables): readonly Oddity[] {
  const name = SHADOWING_ENV.profiles.find((candidate) => variables.has(candidate));
  if (name === undefined) return [];
  const variable = variables.get(name);
  const problem = isSet(variable)
    ? `${name} ${stateOf(variable)}, and many SDKs use a profile instead of the role`
    : `${name} is empty, which boto3 and the AWS CLI take for the name of a profile`;
  return [{ problem, remedy: `remove it, ${SKIP}` }];
}

function credentialsFile(variables: Variables, users: string): readonly Oddity[] {
  const name = SHADOWING_ENV.credentialsFile;
  const variable = variables.get(name);
  if (!isSet(variable)) return [];
  const problem = `${name} ${stateOf(variable)}, and ${users} use its keys instead of the role`;
  return [{ problem, remedy: `remove it, ${SKIP}` }];
}

/** For container credentials: web identity comes first in every SDK. */
function webIdentity(variables: Variables): readonly Oddity[] {
  if (!isSet(variables.get(ENV.webIdentityTokenFile))) return [];
  const problem = `${ENV.webIdentityTokenFile} is set, and SDKs use web identity instead of EKS Pod Identity`;
  return [{ problem, remedy: `remove it, ${SKIP}` }];
}

/** The container has its own role or token file: podrole adds both or none. */
function otherRole(
  variables: Variables,
  granted: Variables,
  isTokenFile: (path: string) => boolean,
): readonly Oddity[] {
  const names = [ENV.roleArn, ENV.webIdentityTokenFile];
  const odd = names.find((name) => {
    const variable = variables.get(name);
    const value = asText(variable?.['value']);
    if (value !== undefined && value === granted.get(name)?.['value']) return false;
    return !(name === ENV.webIdentityTokenFile && value && isTokenFile(value));
  });
  if (odd === undefined) return [];
  const other = names.find((name) => name !== odd) ?? odd;
  const role = asText(granted.get(ENV.roleArn)?.['value']) ?? '';
  const variable = variables.get(odd);
  const given = variable === undefined ? `${other} is set without ${odd}` : `${odd} ${stateOf(variable)}`;
  return [
    { problem: `${given}, so the container does not use the role ${role}`, remedy: `remove it, ${SKIP}` },
  ];
}

const ASKED = {
  'container-credentials': 'the EKS Pod Identity Agent',
  sidecar: 'the sidecar',
  agent: 'the agent',
} as const;

/** The container has a variable of its own that keeps the whole part out of it. */
function otherOf(
  variables: Variables,
  parts: ReadonlyMap<EnvPart, Grant['env'][number][1]>,
  part: 'agent-role' | 'target-role',
): readonly Oddity[] {
  const granted = grantedOf(parts, part);
  const odd = ENV_PARTS[part].blockedBy.find((name) => {
    const variable = variables.get(name);
    return variable !== undefined && !isSameVariable(variable, granted.get(name));
  });
  if (odd === undefined) return [];
  const role = asText((granted.get(ENV.targetRoleArn) ?? granted.get(ENV.roleArn))?.['value']) ?? '';
  const problem = `${odd} ${stateOf(variables.get(odd))}, so the container does not use the role ${role}`;
  return [{ problem, remedy: `remove it, ${SKIP}` }];
}

/** The container has an endpoint of its own for container credentials. */
function otherEndpoint(
  variables: Variables,
  parts: ReadonlyMap<EnvPart, Grant['env'][number][1]>,
  part: keyof typeof ASKED,
): readonly Oddity[] {
  const granted = grantedOf(parts, part);
  const names = new Set([...ENV_PARTS[part].blockedBy, ENV.containerCredentialsRelativeUri]);
  const odd = [...names].find((name) => {
    const variable = variables.get(name);
    return variable !== undefined && !isSameVariable(variable, granted.get(name));
  });
  if (odd === undefined) return [];
  // Never the value: it may hold a secret path or a token.
  return [
    {
      problem: `${odd} is set by the container itself, so it does not ask ${ASKED[part]}`,
      remedy: `remove it, ${SKIP}`,
    },
  ];
}

/** True if the container has the role of the grant: otherwise it gets nothing that goes with that role. */
function isRoleOf(parts: ReadonlyMap<EnvPart, Grant['env'][number][1]>, variables: Variables): boolean {
  return (['web-identity', 'agent-role', 'target-role'] as const).some((part) => {
    const [first] = parts.get(part) ?? [];
    return first !== undefined && variables.get(first.name)?.['value'] === first['value'];
  });
}

function isSameVariable(actual: JsonObject, granted: JsonObject | undefined): boolean {
  if (!granted) return false;
  return granted['value'] === undefined || actual['value'] === granted['value'];
}

function grantedOf(parts: ReadonlyMap<EnvPart, Grant['env'][number][1]>, part: EnvPart): Variables {
  return new Map((parts.get(part) ?? []).map((variable) => [variable.name, variable]));
}

/** Returns the variables of SDKs by name; if several have one name, Kubernetes uses the last one. */
function variablesOf(container: JsonObject): Variables {
  const variables = new Map<string, JsonObject>();
  for (const variable of objectsOf(container['env'])) {
    const name = nameOf(variable);
    if (name?.startsWith('AWS_') || name?.startsWith('PODROLE_')) variables.set(name, variable);
  }
  return variables;
}

/** True if the variable has a value, or takes one from elsewhere. */
function isSet(variable: JsonObject | undefined): boolean {
  return Boolean(variable?.['value']) || asObject(variable?.['valueFrom']) !== undefined;
}

/** Returns what is known about the value: `is "x"`. */
function stateOf(variable: JsonObject | undefined): string {
  const value = asText(variable?.['value']) ?? '';
  if (value) return `is ${quote(value)}`;
  return isSet(variable) ? 'is set from elsewhere' : 'is empty';
}
