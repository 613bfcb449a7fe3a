import { posix } from 'node:path';
import { parseRoleArn } from '../../lib/arn.ts';
import { AGENT_TOKEN } from '../../lib/contract/podrole.ts';
import { ENV, NO_SESSION_TAGS } from '../../lib/contract/sdk.ts';
import { SESSION_NAME } from '../../lib/contract/sts.ts';
import { asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import type { Grant, GrantTarget } from './grant.ts';
import { containersOf } from './pod-containers.ts';
import { findTokenSource, type TokenVolumes, tokenVolumesOf } from './token-volumes.ts';

/** Most grants of a pod. A pod with more distinct roles than this gets none. */
const MAX_GRANTS = 64;

/**
 * Reads the roles that the containers of a pod name. Equal ones of several containers are one grant. Of
 * several different ones without an agent token of the container's own, none is the role of the whole pod.
 */
export function readGrants(spec: JsonObject): readonly Grant[] {
  const volumes = tokenVolumesOf(spec);
  const shared = new Map<string, Grant>();
  const own: Grant[] = [];
  for (const { name, container } of containersOf(spec)) {
    const variables = variablesOf(container);
    const grant = grantOf(container, variables, volumes);
    if (!grant) continue;
    if (hasOwnAgentToken(name, container, variables, volumes)) own.push({ ...grant, container: name });
    else {
      const key = JSON.stringify(grant);
      // The name is needed only if it turns out that the containers differ.
      if (!shared.has(key)) shared.set(key, { ...grant, container: name });
    }
  }
  const ofPod = [...shared.values()];
  const grants = ofPod.length === 1 ? ofPod.map((grant) => ({ ...grant, container: undefined })) : ofPod;
  const all = [...grants, ...own];
  return all.length > MAX_GRANTS ? [] : all;
}

type Variables = ReadonlyMap<string, string | undefined>;

/** Literal values by name. As for kubelet, the last one of a name counts. */
function variablesOf(container: JsonObject): Variables {
  const variables = new Map<string, string | undefined>();
  for (const variable of objectsOf(container['env'])) {
    const value = asText(variable['value']);
    // kubelet replaces `$(NAME)` and `$$`: such a value is not the one that the container gets.
    variables.set(asText(variable['name']) ?? '', value && EXPANDED.test(value) ? undefined : value);
  }
  return variables;
}

const EXPANDED = /\$[$(]/;

function grantOf(
  container: JsonObject,
  variables: Variables,
  volumes: TokenVolumes,
): Omit<Grant, 'container'> | undefined {
  const role = parseRoleArn(variables.get(ENV.roleArn) ?? '');
  const source = findTokenSource(container, volumes, variables.get(ENV.tokenFile));
  if (!role || !source) return undefined;
  const target = targetOf(variables);
  if (target === 'malformed') return undefined;
  const { volumeName, path } = source;
  return { role, sessionName: sessionNameOf(variables), token: { volumeName, path }, target };
}

/**
 * Returns the session name of a container. STS refuses one that is too long, however much of it is sent. The
 * result is a copy, since a part of a string keeps the whole string in memory.
 */
function sessionNameOf(variables: Variables): string | undefined {
  const name = variables.get(ENV.roleSessionName);
  return name ? Buffer.from(name.slice(0, SESSION_NAME.maxLength + 1)).toString() : undefined;
}

function targetOf(variables: Variables): GrantTarget | undefined | 'malformed' {
  if (!variables.has(ENV.targetRoleArn)) return undefined;
  const role = parseRoleArn(variables.get(ENV.targetRoleArn) ?? '');
  return role ? { role, hasSessionTags: variables.get(ENV.sessionTags) !== NO_SESSION_TAGS } : 'malformed';
}

/** Returns true if the agent token of a container is for this container alone. */
function hasOwnAgentToken(
  name: string,
  container: JsonObject,
  variables: Variables,
  volumes: TokenVolumes,
): boolean {
  const file =
    variables.get(ENV.containerAuthorizationTokenFile) ?? posix.join(AGENT_TOKEN.mountPath, AGENT_TOKEN.path);
  const audience = findTokenSource(container, volumes, file)?.audience;
  return audience === `${AGENT_TOKEN.audience}/${name}`;
}
