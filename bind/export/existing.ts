import { IAM_TAG } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { DesiredBinding, DesiredProvider, DesiredRole } from '../desired/desired.ts';
import type { BindingFacts, Facts } from '../facts/collect-facts.ts';
import type { ProviderFacts, RoleFacts } from '../iam/iam-facts.ts';
import { attachedPoliciesTag, isAttachedByPodrole } from '../plan/role/attached-policies-tag.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';

/** Exported objects that exist. Their export holds all that they have, so that it removes nothing. */
export interface Existing {
  /** By ARN. */
  readonly providers: ReadonlyMap<string, ProviderFacts>;
  /** By the ID of the binding; roles in another account are left out. */
  readonly roles: ReadonlyMap<string, RoleFacts>;
  /** By `shop/web`. */
  readonly serviceAccounts: ReadonlyMap<string, JsonObject>;
  /** Namespaces of ServiceAccounts that do not exist. */
  readonly missingNamespaces: ReadonlySet<string>;
  /** Returns a trust policy as bind would change it. */
  readonly mergeTrust: (policy: unknown, trustEntries: readonly TrustEntry[]) => unknown;
}

/** Returns what a run found, by the names that an export uses. */
export function existingIn(
  bindings: readonly DesiredBinding[],
  facts: Pick<Facts, 'providers' | 'bindings'>,
  mergeTrust: Existing['mergeTrust'],
): Existing {
  const found = bindings.map((binding, at) => [binding, facts.bindings[at]] as const);
  return {
    providers: new Map(facts.providers.flatMap(({ desired, facts: it }) => (it ? [[desired.arn, it]] : []))),
    roles: new Map(found.flatMap(([{ id }, its]) => roleIn(its).map((role) => [id, role] as const))),
    serviceAccounts: new Map(
      found.flatMap(([{ serviceAccount }, its]) => {
        const object = its?.serviceAccount?.object;
        return serviceAccount && object
          ? [[`${serviceAccount.namespace}/${serviceAccount.name}`, object] as const]
          : [];
      }),
    ),
    missingNamespaces: new Set(
      found.flatMap(([{ serviceAccount }, its]) =>
        serviceAccount && its?.serviceAccount?.hasNamespace === false ? [serviceAccount.namespace] : [],
      ),
    ),
    mergeTrust,
  };
}

function roleIn(facts: BindingFacts | undefined): readonly RoleFacts[] {
  return facts?.role && facts.role !== 'elsewhere' ? [facts.role] : [];
}

/** Returns a role with what it has already and nobody asked to change. */
export function withExistingRole(role: DesiredRole, facts: RoleFacts | undefined): DesiredRole {
  if (!facts) return role;
  const remembered = facts.tags[IAM_TAG.attachedPolicies];
  const ours = (facts.attachedPolicyArns ?? []).filter((arn) => isAttachedByPodrole(remembered, arn));
  const attached = [...ours, ...role.attachedPolicyArns];
  const tag = attached.length > 0 ? { [IAM_TAG.attachedPolicies]: attachedPoliciesTag(attached) } : {};
  return {
    ...role,
    path: facts.path,
    description: facts.description === '' ? role.description : facts.description,
    maxSessionDurationSeconds: role.maxSessionDurationSeconds ?? facts.maxSessionDurationSeconds,
    permissionsBoundary: role.permissionsBoundary ?? facts.permissionsBoundary,
    tags: { ...facts.tags, ...role.tags, ...tag },
  };
}

/** Returns a provider with the client IDs that it has already. */
export function withExistingProvider(
  provider: DesiredProvider,
  facts: ProviderFacts | undefined,
): DesiredProvider {
  return { ...provider, clientIds: [...new Set([...(facts?.clientIds ?? []), ...provider.clientIds])] };
}

/** Returns the texts of a map of an existing object's metadata: its labels or its annotations. */
export function existingTexts(
  object: JsonObject | undefined,
  list: 'annotations' | 'labels',
): Readonly<Record<string, string>> {
  const found = Object.entries(asObject(metadataOf(object)?.[list]) ?? {});
  return Object.fromEntries(
    found.flatMap(([key, value]) => {
      const text = asText(value);
      // kubectl writes it, and it would repeat the whole object.
      return text === undefined || key === 'kubectl.kubernetes.io/last-applied-configuration'
        ? []
        : [[key, text]];
    }),
  );
}
