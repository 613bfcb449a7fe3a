import { accountKey } from '../../doctor/audit/joins/pods-of.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { RunningPod } from '../facts/workload-facts.ts';
import type { MigratedWorkload, ServiceAccountSplit } from '../model.ts';
import type { NamedRole } from './named-roles.ts';

export interface WorkloadsInput {
  readonly named: readonly NamedRole[];
  readonly splits: readonly ServiceAccountSplit[];
  /** Those whose role is refused with the proposed rules too. */
  readonly refused: readonly NamedRole[];
}

/** Returns what the plan says about each workload that names a role. */
export function joinWorkloads(
  { named, splits, refused }: WorkloadsInput,
  { proxies, serviceAccounts, hasAllPods }: MigrationFacts,
): readonly MigratedWorkload[] {
  const staysRefused = new Set(refused);
  const newNames = new Map(
    splits.map(({ namespace, serviceAccount, others }) => [
      accountKey(namespace, serviceAccount),
      new Map(others.map((other) => [other.roleArn, other.serviceAccount])),
    ]),
  );
  const hasProxy = proxies === undefined ? undefined : proxies.length > 0;
  return named.map((each) => {
    const { workload, source, annotatedIn, given, roleArn, refusal } = each;
    const { namespace, apiVersion, kind, name, pods } = workload;
    const { serviceAccount, sessionName, externalId, sidecar } = source;
    const account = serviceAccounts?.get(accountKey(namespace, serviceAccount));
    const split = newNames.get(accountKey(namespace, serviceAccount));
    return {
      ...{ namespace, apiVersion, kind, name },
      pods: pods.map((pod) => pod.name),
      serviceAccount,
      serviceAccountRole: account?.role,
      ...(account ? {} : { serviceAccountIsRead: false }),
      newServiceAccount: split?.get(roleArn ?? ''),
      ...{ given, annotatedIn, roleArn, sessionName, externalId },
      refused: refusal && `${refusal.object} ${refusal.problem}`,
      ...(refusal && { staysRefused: staysRefused.has(each) }),
      servedBy: servedBy({ pods, roleArn, hasProxy, hasAllPods }),
      needs: 'unknown',
      ...(sidecar === undefined ? {} : { sidecarNow: sidecar }),
      sdks: [],
    };
  });
}

interface Served {
  readonly pods: readonly RunningPod[];
  readonly roleArn: string | undefined;
  readonly hasProxy: boolean | undefined;
  readonly hasAllPods: boolean;
}

/** A pod with a web identity does not ask the proxy, since SDKs prefer the former. */
function servedBy({ pods, roleArn, hasProxy, hasAllPods }: Served): MigratedWorkload['servedBy'] {
  const moved = pods.filter(({ injectedRoles }) => injectedRoles.some((each) => each === roleArn));
  if (moved.length === pods.length) {
    if (!hasAllPods) return 'unknown';
    return pods.length === 0 ? 'no pods' : 'podrole';
  }
  if (moved.length > 0) return 'both';
  return hasProxy === true ? 'old proxy' : 'unknown';
}
