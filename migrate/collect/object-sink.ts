import { narrowBinding } from '../../doctor/audit/collect/narrow-rbac.ts';
import { accountKey } from '../../doctor/audit/joins/pods-of.ts';
import { textsOf } from '../../kubernetes/label-selector.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { nameOf } from '../../pods/pod-parts.ts';
import { type NamespaceFacts, toNamespaceFacts } from '../../policy/namespace-facts.ts';
import type { ServiceAccountSummary } from '../facts/migration-facts.ts';
import { type AccountBinding, COPIED_BINDINGS_MAX } from '../model.ts';
import { createWorkloadCollector, type WorkloadCollector } from './workload-collector.ts';

/** Most imagePullSecrets of one ServiceAccount that are kept. */
const MAX_PULL_SECRETS = 100;

/** Takes objects of the cluster or of manifests, and keeps of each what a plan needs. */
export interface ObjectSink extends WorkloadCollector {
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
  readonly serviceAccounts: ReadonlyMap<string, ServiceAccountSummary>;
  readonly bindings: ReadonlyMap<string, readonly AccountBinding[]>;
  readonly addNamespace: (object: JsonObject) => void;
  readonly addServiceAccount: (object: JsonObject) => void;
  readonly addBinding: (kind: AccountBinding['kind'], object: JsonObject) => void;
}

export interface SinkSettings {
  readonly podRoleAnnotation: string;
  readonly annotationPrefix: string;
}

export function createObjectSink({ podRoleAnnotation, annotationPrefix }: SinkSettings): ObjectSink {
  const namespaces = new Map<string, NamespaceFacts>();
  const serviceAccounts = new Map<string, ServiceAccountSummary>();
  const bindings = new Map<string, AccountBinding[]>();
  const roleKey = annotationKey(annotationPrefix, 'roleArn');
  return {
    ...createWorkloadCollector(podRoleAnnotation),
    namespaces,
    serviceAccounts,
    bindings,
    addNamespace: (object) => {
      const facts = toNamespaceFacts(object);
      if (facts) namespaces.set(facts.name, facts);
    },
    addServiceAccount: (object) => {
      const account = narrowAccount(object, roleKey);
      serviceAccounts.set(accountKey(account.namespace, account.name), account);
    },
    addBinding: (kind, object) => {
      const { namespace, name, role, subjects } = narrowBinding(object);
      for (const subject of subjects) {
        if (subject.kind !== 'ServiceAccount' || subject.namespace === undefined) continue;
        const key = accountKey(subject.namespace, subject.name);
        const found = bindings.get(key) ?? [];
        // One too many says that there are too many.
        if (found.length <= COPIED_BINDINGS_MAX)
          found.push({ kind, namespace, name, roleKind: role.kind, roleName: role.name });
        bindings.set(key, found);
      }
    },
  };
}

function narrowAccount(object: JsonObject, roleKey: string): ServiceAccountSummary {
  const metadata = metadataOf(object);
  const automounts = object['automountServiceAccountToken'];
  return {
    ...(typeof automounts === 'boolean' ? { automountServiceAccountToken: automounts } : {}),
    namespace: asText(metadata?.['namespace']) ?? '',
    name: nameOf(metadata) ?? '',
    role: textsOf(metadata?.['annotations'])[roleKey]?.slice(0, 2_100) || undefined,
    imagePullSecrets: objectsOf(object['imagePullSecrets'])
      .slice(0, MAX_PULL_SECRETS)
      .flatMap((secret) => nameOf(secret) ?? []),
  };
}
