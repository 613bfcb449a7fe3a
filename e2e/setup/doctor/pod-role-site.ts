import { NAMESPACE } from './deployment.ts';
import { type DoctorSite, ROLE_NAME, startDoctorSite } from './doctor-site.ts';
import { startMotoSide } from './servers/aws-side.ts';
import { applyWorkload } from './workload.ts';

const POD_ROLE = 'iam.amazonaws.com/role';
const OWN_RULE = 'podrole.dev/allowed-roles';

/** A site whose webhook reads `iam.amazonaws.com/role`, with a workload that names its role by it. */
export async function startPodRoleSite(): Promise<DoctorSite> {
  const baseOf = (account: string) => `arn:aws:iam::${account}:role/`;
  const flags = (account: string) => ['--pod-role-annotation', POD_ROLE, '--base-role-arn', baseOf(account)];
  const site = await startDoctorSite(startMotoSide, flags);
  const env = {
    ...site.env,
    PODROLE_POD_ROLE_ANNOTATION: POD_ROLE,
    PODROLE_BASE_ROLE_ARN: baseOf(site.account),
  };
  await setRules(site, { [OWN_RULE]: site.roleArn });
  await nameRole(site);
  return { ...site, env };
}

/** Replaces the rules of the namespace. */
export async function setRules(
  { kubectl }: DoctorSite,
  rules: Readonly<Record<string, string>>,
): Promise<void> {
  const none = { [OWN_RULE]: null, [PERMITTED]: null, [ALLOWED]: null };
  const patch = JSON.stringify({ metadata: { annotations: { ...none, ...rules } } });
  await kubectl(['patch', 'namespace', NAMESPACE, '--type', 'merge', '-p', patch]);
}

const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';

/** Applies the workload with this role, and further annotations, and waits for its pods. */
export function nameRole(
  site: DoctorSite,
  role = ROLE_NAME,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  return applyWorkload(site, {}, { annotations: { [POD_ROLE]: role, ...more } });
}
