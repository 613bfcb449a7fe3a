import { completeRoleArn } from '../identity/roles.ts';
import { hasTrustPolicy, parseRoleArn } from '../lib/arn.ts';
import { MINIO_PARTITION } from '../lib/contract/iam.ts';
import { type Fault, PodroleError, throwIfAny } from '../lib/errors.ts';
import type { Outcome } from '../lib/outcome.ts';
import { carryOut } from './apply/carry-out.ts';
import { clusterNameFaults, nameProblems } from './ask/name-problems.ts';
import { annotatedRole } from './desired/annotated-role.ts';
import { ownContainers } from './desired/own-containers.ts';
import { readServiceAccount } from './facts/read-service-account.ts';
import { findIssuer } from './find-issuer.ts';
import type { AwsAccount } from './iam/account.ts';
import { findAccount } from './iam/find-account.ts';
import type { RoleFacts } from './iam/iam-facts.ts';
import { readRole } from './iam/read-role.ts';
import { defaultRoleName, serviceAccountTag } from './names.ts';
import { planServiceAccountRemoval } from './plan/plan-service-account-removal.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from './plan/plan-step.ts';
import { planTrustRemoval } from './plan/plan-trust-removal.ts';
import { planRoleRemoval } from './plan/plan-unbind.ts';
import { otherRoleFault } from './plan/role/other-role-fault.ts';
import { roleOwnership } from './plan/role/role-ownership.ts';
import type { UnbindSettings } from './settings.ts';
import type { BindSurroundings } from './surroundings.ts';
import { withIamAndCluster } from './with-iam-and-cluster.ts';

/**
 * Runs `podrole unbind`. The ServiceAccount is changed first, so that no new pod gets a role that is about to
 * be deleted.
 * @param operands the ServiceAccount
 * @returns the outcome of carryOut
 * @throws PodroleError `ROLE_IN_USE`, and the faults of reading and writing
 */
export async function runUnbind(
  settings: UnbindSettings,
  surroundings: BindSurroundings,
  [name = '']: readonly string[],
): Promise<Outcome> {
  const { env, signal } = surroundings;
  const { namespace, annotationPrefix, container } = settings;
  const owner = { namespace, serviceAccount: name, container };
  refuseNames(settings, name);
  return withIamAndCluster(settings, env, async ({ iam, cluster, openedCluster }) => {
    const client = cluster();
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const { object } = await readServiceAccount(client, namespace, name, signal);
    const annotated = annotatedRole(object, { annotationPrefix, container });
    const written = parseRoleArn(annotated ?? '');
    // MinIO has no IAM that could name an account.
    const isInMinio = written !== undefined && !hasTrustPolicy(written);
    const account = isInMinio ? undefined : await findAccount(settings, env, iam);
    const roleArn = annotated && account ? completed(annotated, settings, account) : annotated;
    const arn = roleArn === undefined ? undefined : parseRoleArn(roleArn);
    if (settings.roleName !== undefined && arn && arn.name !== settings.roleName)
      throw otherRole(settings.roleName, arn.name);
    const roleName = settings.roleName ?? arn?.name ?? defaultRoleName(owner, settings.clusterName);
    const plans: Plan[] = [];
    if (object)
      plans.push(planServiceAccountRemoval({ namespace, name, object, container, annotationPrefix }));
    if (!account || (arn && (arn.account !== account.accountId || arn.partition !== account.partition))) {
      const place = account ? 'another account' : 'MinIO';
      plans.push({ ...EMPTY_PLAN, notes: [`${roleArn} is in ${place} and is left unchanged`] });
    } else {
      const facts = await readRole(iam, roleName);
      const other = facts && roleArn !== undefined && arn ? otherRoleFault(facts, roleArn) : undefined;
      if (facts && other) plans.push(leftNote(facts, roleArn));
      else if (facts && !isOfAccount(facts, account)) plans.push(leftNote(facts, undefined));
      else if (facts) {
        const ownership = roleOwnership(facts, {
          owner: serviceAccountTag(owner),
          issuers: [issuer],
          trustEntries: [],
        });
        const containers = [...ownContainers({ namespace, name }, object, [])];
        const { isOwn } = ownership;
        const trust = planTrustRemoval(facts, { issuer, namespace, name, container, containers, isOwn });
        plans.push(planRoleRemoval(facts, { ownership, trust, prune: settings.prune }));
      }
    }
    const inMinio: AwsAccount = { accountId: '', partition: MINIO_PARTITION };
    const target = { cluster: openedCluster(), account: account ?? inMinio, issuer };
    const how = { ...settings, target, asJson: settings.output === 'json' };
    return await carryOut(joinPlans(plans), how, { iam, cluster: client }, surroundings);
  });
}

/** Returns the role that an annotation means, as the webhook completes it. */
function completed(
  annotated: string,
  { composeRoleArn }: UnbindSettings,
  { accountId, partition }: AwsAccount,
): string {
  return completeRoleArn(annotated, { composeRoleArn, accountId, partition, awsDefaultRegion: '' });
}

/** A role that only has the same name is another one: its owner is not asked here. */
function leftNote({ arn }: RoleFacts, asked: string | undefined): Plan {
  const reason = asked === undefined ? 'is of another account' : `is not ${asked}`;
  return {
    ...EMPTY_PLAN,
    notes: [`${arn} has the name of the role, but ${reason}, so it is left unchanged`],
  };
}

function isOfAccount({ arn }: RoleFacts, { accountId }: AwsAccount): boolean {
  const parsed = parseRoleArn(arn);
  return !parsed || parsed.account === accountId;
}

/**
 * A name becomes part of an address of the API server, and unbind may delete the object there: refuse it
 * before any call.
 */
function refuseNames(
  { namespace, container, roleName, clusterName }: UnbindSettings,
  serviceAccount: string,
): void {
  const object = `ServiceAccount ${namespace}/${serviceAccount}`;
  const faults = nameProblems({ namespace, serviceAccount, container, roleName }).map(
    (problem): Fault => ({ code: 'INVALID_SETTING', object, ...problem }),
  );
  faults.push(...clusterNameFaults(clusterName));
  throwIfAny(faults);
}

function otherRole(given: string, annotated: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--role-name',
    problem: `is ${given}, the ServiceAccount is annotated with ${annotated}`,
    remedy: 'leave --role-name out',
  });
}
