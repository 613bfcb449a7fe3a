import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { createRemembered } from './remembered.ts';

/** Roles that ServiceAccounts name in their annotation. */
export interface ServiceAccountRoles {
  /**
   * Returns the role of a ServiceAccount; undefined if it has none, or does not exist.
   * @throws PodroleError `NO_ROLE` if the annotation is not a role ARN; the reason why it cannot be read
   */
  readonly roleOf: (namespace: string, name: string) => Promise<RoleArn | undefined>;
}

export interface ServiceAccountRolesOptions {
  readonly client: Pick<ApiClient, 'get'>;
  /** `eks.amazonaws.com` */
  readonly annotationPrefix: string;
  readonly monotonicMs: () => number;
}

/** Time for which an answer counts. A changed annotation is effective after this. */
const REMEMBERED_MS = 60_000;
/** Time for which a failure counts. SDKs repeat a request that fails. */
const FAILED_MS = 2_000;
/** ServiceAccounts of the pods of one node: at most one for each pod. */
const MAX_REMEMBERED = 1_024;
const TIMEOUT_MS = 5_000;

/** Looks up the roles with one GET for each ServiceAccount, and remembers them for a minute. */
export function openServiceAccountRoles(options: ServiceAccountRolesOptions): ServiceAccountRoles {
  const { monotonicMs } = options;
  const remembered = createRemembered<Promise<RoleArn | undefined>>(MAX_REMEMBERED, monotonicMs);
  return {
    roleOf: (namespace, name) => {
      const key = `${namespace}/${name}`;
      const known = remembered.get(key);
      if (known) return known;
      const role = readRole(namespace, name, options);
      remembered.set(key, role, monotonicMs() + REMEMBERED_MS);
      role.catch(() => remembered.set(key, role, monotonicMs() + FAILED_MS));
      return role;
    },
  };
}

async function readRole(
  namespace: string,
  name: string,
  { client, annotationPrefix }: ServiceAccountRolesOptions,
): Promise<RoleArn | undefined> {
  const path = serviceAccountPath(namespace, name);
  const parts = { metadata: { annotations: true } } as const;
  const answer = await client.get(path, { timeoutMs: TIMEOUT_MS, signal: NEVER_ABORTED, parts });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) {
    throw apiRefused(path, answer, "grant the agent's ServiceAccount get on serviceaccounts");
  }
  const key = annotationKey(annotationPrefix, 'roleArn');
  const text = asText(asObject(metadataOf(answer.body)?.['annotations'])?.[key])?.trim();
  return text ? roleIn(text, key, `ServiceAccount ${namespace}/${name}`) : undefined;
}

function roleIn(text: string, key: string, object: string): RoleArn {
  const role = parseRoleArn(text);
  if (role) return role;
  throw new PodroleError({
    code: 'NO_ROLE',
    object,
    problem: `has ${JSON.stringify(text.slice(0, 200))} in its annotation ${key}, which is not a role ARN`,
    remedy: 'correct the annotation',
  });
}
