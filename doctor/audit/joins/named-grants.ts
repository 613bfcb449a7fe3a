import { annotatedRoles } from '../../../bind/list/join-bindings.ts';
import { annotationKey } from '../../../lib/contract/aws-webhook.ts';
import { compareText } from '../../../lib/text/compare.ts';
import type {
  AuditJudgement,
  AuditPod,
  AuditServiceAccount,
  ClusterAuditFacts,
} from '../facts/audit-facts.ts';
import type { JoinedGrant } from '../model.ts';
import { type IamIndex, judgeNamedRole } from './judge-grant.ts';
import { type PodRoleReader, podRoleReader } from './pod-role.ts';
import { accountKey, podsByServiceAccount, someNames } from './pods-of.ts';

/** A role that the annotations of a ServiceAccount name, and that it does not get. */
export interface UnreadableRole {
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly container: string | undefined;
  /** As it is written; undefined if that is unclear. */
  readonly given: string | undefined;
  readonly details: readonly string[];
}

export interface NamedGrants {
  readonly grants: readonly JoinedGrant[];
  readonly unreadable: readonly UnreadableRole[];
}

/** Joins the roles that ServiceAccounts and running pods name with IAM. */
export function namedGrants(
  cluster: ClusterAuditFacts,
  iam: IamIndex,
  settings: AuditJudgement,
  now: Date,
): NamedGrants {
  const roleOf = podRoleReader(iam, settings);
  const pods = podsByServiceAccount(cluster.pods);
  const grants: JoinedGrant[] = [];
  const unreadable: UnreadableRole[] = [];
  const accounts = new Map(
    cluster.serviceAccounts.map((account) => [accountKey(account.namespace, account.name), account]),
  );
  // A pod may outlive its ServiceAccount.
  for (const key of new Set([...accounts.keys(), ...pods.keys()])) {
    const ofAccount = pods.get(key) ?? [];
    const account = accounts.get(key);
    const [namespace = '', serviceAccount = ''] = key.split('/');
    const base = { cluster: cluster.context, namespace, serviceAccount };
    const annotated = account && annotatedRoles(account, { ...settings, audience: settings.tokenAudience });
    for (const { roleArn, details, container } of annotated?.problems ?? [])
      unreadable.push({ ...base, container, given: roleArn, details });
    for (const asked of askedRoles(annotated?.roles ?? [], ofAccount, {
      roleOf,
      audience: audienceOf(account, settings),
    })) {
      const { kind, container, roleArn, audience, holders, remark, given } = asked;
      const { verdict, reasons } = judgeNamedRole(
        { issuer: cluster.issuer, namespace, serviceAccount, roleArn, audience },
        iam,
        now,
      );
      grants.push({
        ...base,
        kind,
        container,
        roleArn,
        ...(given !== undefined && { given }),
        pods: someNames(holders),
        ...servedBy(roleArn, holders),
        verdict,
        reasons: [...reasons, ...remark, ...targetRemarks(roleArn, holders)],
      });
    }
  }
  return { grants, unreadable };
}

/** Returns how the pods with a role get its sessions. */
function servedBy(roleArn: string, holders: readonly AuditPod[]): Pick<JoinedGrant, 'servedBy'> {
  const kinds = rolesNamed(roleArn, holders).flatMap((role) => role.servedBy ?? []);
  return kinds.length === 0 ? {} : { servedBy: [...new Set(kinds)].sort(compareText) };
}

/** Pods of a role that are looked at for how they get it: each may have many roles. */
const MAX_LOOKED_AT = 1_000;

/** Target roles that one grant tells: a tenant writes the variables of its pods. */
const MAX_TARGETS = 5;

function targetRemarks(roleArn: string, holders: readonly AuditPod[]): readonly string[] {
  const targets = new Set(rolesNamed(roleArn, holders).flatMap((role) => role.targetRoleArn ?? []));
  return [...targets]
    .sort(compareText)
    .slice(0, MAX_TARGETS)
    .map((target) => `pods get sessions of ${target}, which this role assumes`);
}

function rolesNamed(roleArn: string, holders: readonly AuditPod[]): readonly AuditPod['roles'][number][] {
  return holders
    .slice(0, MAX_LOOKED_AT)
    .flatMap(({ roles }) => roles.filter((role) => role.roleArn === roleArn));
}

interface AskedRole {
  readonly kind: JoinedGrant['kind'];
  readonly container: string | undefined;
  readonly roleArn: string;
  readonly audience: string;
  readonly holders: readonly AuditPod[];
  readonly remark: readonly string[];
  readonly given?: string | undefined;
}

type Annotated = NonNullable<ReturnType<typeof annotatedRoles>>['roles'];

/** Returns the annotated roles, and those that only variables of running pods name. */
function askedRoles(
  annotated: Annotated,
  pods: readonly AuditPod[],
  { roleOf, audience: defaultAudience }: { readonly roleOf: PodRoleReader; readonly audience: string },
): readonly AskedRole[] {
  const holders = new Map<string, AuditPod[]>();
  const audiences = new Map<string, string>();
  for (const pod of pods) {
    for (const arn of new Set(pod.roles.map(({ roleArn }) => roleArn))) {
      const known = holders.get(arn);
      if (known) known.push(pod);
      else holders.set(arn, [pod]);
    }
    for (const { roleArn, audience } of pod.roles) if (audience) audiences.set(roleArn, audience);
  }
  const named = new Set(annotated.map(({ roleArn }) => roleArn));
  const asked = (roleArn: string, found: readonly AuditPod[]) => ({
    container: undefined,
    roleArn,
    audience: audiences.get(roleArn) ?? defaultAudience,
    holders: found,
  });
  return [
    ...annotated.map(({ container, roleArn, audience }) => ({
      kind: container === undefined ? ('web-identity' as const) : ('container-role' as const),
      container,
      roleArn,
      audience,
      holders: holders.get(roleArn) ?? [],
      remark: [],
    })),
    ...[...holders].flatMap(([roleArn, found]): readonly AskedRole[] => {
      const byPod = found.filter((pod) => roleOf(pod) === roleArn);
      const others = found.length > byPod.length && !named.has(roleArn);
      const remark = ['running pods name the role, and no annotation does'];
      return [
        ...(byPod.length > 0
          ? [
              {
                ...asked(roleArn, byPod),
                kind: 'pod-annotation' as const,
                given: byPod[0]?.kube2iamRole,
                remark: [],
              },
            ]
          : []),
        ...(others
          ? [
              {
                ...asked(
                  roleArn,
                  found.filter((pod) => roleOf(pod) !== roleArn),
                ),
                kind: 'web-identity' as const,
                remark,
              },
            ]
          : []),
      ];
    }),
  ];
}

function audienceOf(account: AuditServiceAccount | undefined, settings: AuditJudgement): string {
  return account?.annotations[annotationKey(settings.annotationPrefix, 'audience')] || settings.tokenAudience;
}

/** True for a ServiceAccount whose annotations name a role, valid or not. */
export function namesRole(account: AuditServiceAccount, settings: AuditJudgement): boolean {
  return annotatedRoles(account, { ...settings, audience: settings.tokenAudience }) !== undefined;
}
