import type { IAMClient } from '@aws-sdk/client-iam';
import { completeRoleArn } from '../identity/roles.ts';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { hasTrustPolicy, parseRoleArn, type RoleArn } from '../lib/arn.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import type { JsonObject } from '../lib/json/json.ts';
import type { Outcome } from '../lib/outcome.ts';
import { printable } from '../lib/text/printable.ts';
import { carryOut } from './apply/carry-out.ts';
import { readBindingsFiles } from './ask/bindings-file/read-files.ts';
import { guardCluster } from './ask/cluster/guard-cluster.ts';
import { checkTargetProfile } from './ask/target-settings.ts';
import { annotatedRole } from './desired/annotated-role.ts';
import { mapLimited } from './facts/map-limited.ts';
import { readServiceAccount } from './facts/read-service-account.ts';
import { findIssuer } from './find-issuer.ts';
import { ACCOUNT_OF_MINIO, type AwsAccount } from './iam/account.ts';
import { findAccount } from './iam/find-account.ts';
import type { RoleFacts } from './iam/iam-facts.ts';
import { readRole } from './iam/read-role.ts';
import { readTargetRole } from './iam/read-target-role.ts';
import { type TargetIam, withTargetIam } from './iam/target-iam.ts';
import { defaultRoleName } from './names.ts';
import type { UnbindSettings } from './settings.ts';
import type { BindSurroundings } from './surroundings.ts';
import { type FoundTarget, planRemovals } from './unbind/plan-removals.ts';
import { type TargetRoles, targetRoleOf } from './unbind/plan-target-removals.ts';
import { readTargets, type UnbindTarget } from './unbind/targets.ts';
import { type IamAndCluster, withIamAndCluster } from './with-iam-and-cluster.ts';

/** Calls at the same time, to the cluster or to IAM, which allows few per second. */
const READS_AT_ONCE = 8;

/**
 * Runs `podrole unbind`. Nothing is written before everything has been read, checked and shown.
 * @param operands ServiceAccounts, if no file names them
 * @returns the outcome of carryOut
 * @throws PodroleError `ROLE_IN_USE`, and the faults of reading and writing
 */
export async function runUnbind(
  settings: UnbindSettings,
  surroundings: BindSurroundings,
  operands: readonly string[],
): Promise<Outcome> {
  const { stdin, stderr, env, signal } = surroundings;
  const note = (line: string) => stderr.write(`note: ${printable(line)}\n`);
  const files = await readBindingsFiles(settings, stdin);
  const asked = readTargets(settings, operands, files, note);
  for (const line of guardCluster({ ...settings, isOffline: false }, asked, env)) note(line);
  const unbindAll = async (targetIam: TargetIam | undefined, opened: IamAndCluster) => {
    const { iam, cluster, openedCluster } = opened;
    const client = cluster();
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const objects = await readObjects(client, asked.targets, signal);
    const found = await findTargets(asked.targets, objects, settings, () => findAccount(settings, env, iam));
    const roles = await readRoles(iam, found);
    const { annotationPrefix, prune } = settings;
    const targetRoles = await readTargetRoles(found, objects, iam, targetIam);
    const context = { issuer, annotationPrefix, prune };
    const plan = planRemovals(found, objects, roles, context, targetRoles);
    const account = found.find((target) => target.account)?.account ?? ACCOUNT_OF_MINIO;
    const target = { cluster: openedCluster(), account, issuer };
    const how = { ...settings, target };
    return await carryOut(plan, how, { iam, targetIam, cluster: client }, surroundings);
  };
  return withTargetIam(settings.targetProfile, env, (targetIam) =>
    withIamAndCluster(settings, env, (opened) => unbindAll(targetIam, opened)),
  );
}

const idOf = ({ namespace, serviceAccount }: UnbindTarget) => `${namespace}/${serviceAccount}`;

async function readObjects(
  client: ApiClient,
  targets: readonly UnbindTarget[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, JsonObject>> {
  const unique = [...new Map(targets.map((target) => [idOf(target), target])).values()];
  const read = await mapLimited(unique, READS_AT_ONCE, async (target) => {
    const { object } = await readServiceAccount(client, target.namespace, target.serviceAccount, signal);
    return [idOf(target), object] as const;
  });
  return new Map(read.flatMap(([id, object]) => (object ? [[id, object] as const] : [])));
}

async function readRoles(
  iam: IAMClient,
  found: readonly FoundTarget[],
): Promise<ReadonlyMap<string, RoleFacts>> {
  const names = new Set(found.filter((each) => isHere(each)).map(({ roleName }) => roleName));
  const read = await mapLimited([...names], READS_AT_ONCE, async (name) => await readRole(iam, name));
  return new Map(read.flatMap((facts) => (facts ? [[facts.name, facts] as const] : [])));
}

async function readTargetRoles(
  found: readonly FoundTarget[],
  objects: ReadonlyMap<string, JsonObject>,
  iam: IAMClient,
  targetIam: TargetIam | undefined,
): Promise<TargetRoles> {
  const accountId = found.find(({ account }) => account)?.account?.accountId ?? '';
  const arns = new Set(found.flatMap(({ target, id }) => targetRoleOf(target, objects.get(id)) ?? []));
  checkTargetProfile([...arns], targetIam);
  const read = await mapLimited(
    [...arns],
    READS_AT_ONCE,
    async (arn) => [arn, await readTargetRole(arn, { iam, accountId, targetIam })] as const,
  );
  return new Map(read);
}

/** The account of the credentials has the role, if anybody has. */
function isHere({ account, roleArn = '' }: FoundTarget): boolean {
  const arn = parseRoleArn(roleArn);
  return (
    account !== undefined &&
    (!arn || (arn.account === account.accountId && arn.partition === account.partition))
  );
}

/** @throws PodroleError `INVALID_SETTING` for each ServiceAccount with another role than was asked for */
async function findTargets(
  targets: readonly UnbindTarget[],
  objects: ReadonlyMap<string, JsonObject>,
  settings: UnbindSettings,
  ownAccount: () => Promise<AwsAccount>,
): Promise<readonly FoundTarget[]> {
  const faults: Fault[] = [];
  const found: FoundTarget[] = [];
  let known: AwsAccount | undefined;
  for (const target of targets) {
    const { annotationPrefix } = settings;
    const { container, roleOnly } = target;
    const object = roleOnly ? undefined : objects.get(idOf(target));
    const written = annotatedRole(object, { annotationPrefix, container }) ?? target.attachRoleArn;
    const parsed = parseRoleArn(written ?? '');
    // MinIO has no IAM that could name an account.
    const isInMinio = parsed !== undefined && !hasTrustPolicy(parsed);
    if (!isInMinio) known ??= await ownAccount();
    const account = isInMinio ? undefined : known;
    const roleArn = written && account ? completed(written, settings, account) : written;
    const arn = parseRoleArn(roleArn ?? '');
    if (arn) faults.push(...otherRoleFaults(target, arn, settings.filename.length > 0));
    const roleName = target.roleName ?? arn?.name ?? defaultRoleName(target, settings.clusterName);
    found.push({ target, id: idOf(target), roleArn, roleName, account });
  }
  throwIfAny(faults);
  return found;
}

/** Returns the role that an annotation means, as the webhook completes it. */
function completed(
  annotated: string,
  { composeRoleArn }: UnbindSettings,
  { accountId, partition }: AwsAccount,
): string {
  return completeRoleArn(annotated, { composeRoleArn, accountId, partition, awsDefaultRegion: '' });
}

/** A role that was not asked for stays, and so does the annotation that names it. */
function otherRoleFaults(
  { namespace, serviceAccount, roleName, attachRoleArn }: UnbindTarget,
  { arn: annotatedArn, name: annotatedName }: RoleArn,
  isOfFile: boolean,
): readonly Fault[] {
  const of = `ServiceAccount ${namespace}/${serviceAccount}`;
  if (attachRoleArn !== undefined && attachRoleArn !== annotatedArn) {
    const problem = `is annotated with ${annotatedArn}, and the file binds ${attachRoleArn}`;
    const remedy = `correct the file, or run podrole unbind -n ${namespace} ${serviceAccount}`;
    return [{ code: 'INVALID_SETTING', object: of, problem, remedy }];
  }
  if (roleName === undefined || roleName === annotatedName) return [];
  if (isOfFile) {
    const problem = `is annotated with ${annotatedName}, and the file names the role ${roleName}`;
    const remedy = `correct the file, or run podrole unbind -n ${namespace} ${serviceAccount}`;
    return [{ code: 'INVALID_SETTING', object: of, problem, remedy }];
  }
  return [
    {
      code: 'INVALID_SETTING',
      object: '--role-name',
      problem: `is ${roleName}, the ServiceAccount is annotated with ${annotatedName}`,
      remedy: 'leave --role-name out',
    },
  ];
}
