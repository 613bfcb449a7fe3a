import { createHash } from 'node:crypto';
import { DNS_SUBDOMAIN_MAX_LENGTH } from '../../../lib/contract/kubernetes.ts';
import { cutWithHash } from '../../../lib/text/cut-with-hash.ts';
import { type AccountBinding, COPIED_BINDINGS_MAX, type ServiceAccountSplit } from '../../model.ts';
import type { Move } from '../parts/moves.ts';

/**
 * Returns the ServiceAccounts that split the shared ones of a namespace. Each has one role, and the pull
 * secrets, the automount setting and cluster rights of the one that its pods use now.
 */
export function newServiceAccounts(
  moves: readonly Move[],
  splits: readonly ServiceAccountSplit[],
  roleKey: string,
): readonly object[] {
  const ofOld = new Map(splits.map((split) => [split.serviceAccount, split]));
  const added = new Map(
    moves.flatMap((move) =>
      move.workload.newServiceAccount === undefined ? [] : [[move.serviceAccount, move]],
    ),
  );
  return [...added.values()].flatMap((move) => {
    const { workload, serviceAccount: name, role, stays } = move;
    const split = ofOld.get(workload.serviceAccount);
    const annotations = stays === undefined ? { annotations: { [roleKey]: role.arn } } : {};
    const automounts = split?.automountServiceAccountToken;
    const secrets = (split?.imagePullSecrets ?? []).map((secret) => ({ name: secret }));
    return [
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace: workload.namespace, ...annotations },
        ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
        ...(automounts === undefined ? {} : { automountServiceAccountToken: automounts }),
      },
      ...copiedBindings(split).map((binding) => sameRights(binding, workload.namespace, name)),
    ];
  });
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** Returns false if the bindings were not read, or are too many to copy. */
export function copiesRights({ bindings }: ServiceAccountSplit): boolean {
  return bindings !== undefined && bindings.length <= COPIED_BINDINGS_MAX;
}

function copiedBindings(split: ServiceAccountSplit | undefined): readonly AccountBinding[] {
  return split && copiesRights(split) ? (split.bindings ?? []) : [];
}

function sameRights(binding: AccountBinding, namespace: string, serviceAccount: string): object {
  const { kind, name, roleKind, roleName } = binding;
  // Without the hash, `a-b` for `c` and `a` for `b-c` would be one binding, and so would two namespaces here.
  const suffix = `${serviceAccount}-${hashOf([kind, binding.namespace ?? '', name, namespace, serviceAccount])}`;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: {
      name: cutWithHash(`${name}-${suffix}`, DNS_SUBDOMAIN_MAX_LENGTH),
      ...(binding.namespace === undefined ? {} : { namespace: binding.namespace }),
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: roleName },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
  };
}
