import { IAM_OIDC_PROVIDER } from '../../lib/contract/iam.ts';
import { type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { type BindSettings, isExportFormat } from '../settings.ts';
import { isClientId } from './client-id.ts';
import { issuerFault } from './issuer-fault.ts';
import { clusterNameFaults } from './name-problems.ts';
import { thumbprintFaults } from './thumbprint.ts';

/**
 * Refuses settings of `podrole bind` that cannot work, alone or together.
 * @throws PodroleError `INVALID_SETTING`, `INVALID_ISSUER` with every fault
 */
export function checkBindSettings(settings: BindSettings): void {
  const { alsoIssuer, dropIssuer } = settings;
  const faults: Fault[] = [
    ...thumbprintFaults(settings.thumbprint),
    ...clusterNameFaults(settings.clusterName),
  ];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  if (isExportFormat(settings.output) && settings.approve) {
    refuse('--output', 'only prints, and --approve makes changes', 'give one of the two');
  }
  if (settings.anyCluster && settings.filename.length === 0)
    refuse('--any-cluster', 'is for eksctl files', 'give --filename too, or leave it out');
  if (settings.restart && !settings.approve) refuse('--restart', 'is for --approve', 'give both or neither');
  if (settings.importExisting && settings.output !== 'terraform')
    refuse('--import-existing', 'is for the export to Terraform', 'give -o terraform too, or leave it out');
  if (settings.adopt && isExportFormat(settings.output))
    refuse('--adopt', 'is about roles that exist, which an export does not read', 'leave one of the two out');
  for (const [name, isGiven, does] of [
    ['--attach-role-arn', settings.attachRoleArn !== undefined, 'leaves a role to its owner'],
    ['--override-existing-serviceaccounts', settings.overrideExistingServiceaccounts, 'replaces a role'],
    ['--prune', settings.prune, 'removes the policies of others'],
  ] as const) {
    if (settings.adopt && isGiven)
      refuse('--adopt', `keeps a role with its policies, and ${name} ${does}`, 'give one of the two');
  }
  if (settings.tokenAudience !== undefined && !isClientId(settings.tokenAudience)) {
    refuse(
      '--token-audience',
      'is not a valid client ID',
      `give 1 to ${IAM_OIDC_PROVIDER.maxClientIdLength} characters`,
    );
  }
  for (const dropped of dropIssuer) {
    if (alsoIssuer.includes(dropped))
      refuse('--drop-issuer', `and --also-issuer both name ${dropped}`, 'give one of the two');
  }
  for (const also of alsoIssuer) {
    const fault = issuerFault(also, '--also-issuer');
    if (fault) faults.push(fault);
  }
  throwIfAny(faults);
}

/**
 * Refuses to drop the issuer that signs the tokens: the cluster's pods would lose access to AWS.
 * @param issuer of `--issuer`, else of the API server
 * @throws PodroleError `INVALID_SETTING`
 */
export function checkDropIssuers(dropIssuers: readonly string[], issuer: string): void {
  if (!dropIssuers.includes(issuer)) return;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: '--drop-issuer',
    problem: `is ${issuer}, which signs the cluster's tokens`,
    remedy: 'switch the API servers to the new issuer first',
  });
}
