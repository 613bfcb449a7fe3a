import type {
  AttachRolePolicyCommandInput,
  CreateOpenIDConnectProviderCommandInput,
  CreateRoleCommandInput,
  PutRolePolicyCommandInput,
} from '@aws-sdk/client-iam';
import type { DesiredProvider } from '../desired/desired.ts';
import { tagList } from '../iam/tag-list.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { type ExportInput, type NewRoleBinding, PROVIDER_TAGS, splitBindings } from './export-input.ts';
import { serviceAccountManifests } from './service-account-manifest.ts';

/** One call of the AWS CLI: `aws iam COMMAND --cli-input-json INPUT`. */
interface CliCall {
  readonly command: string;
  readonly input: object;
}

/**
 * Renders bindings as input of the AWS CLI, in the order in which the calls must be made. Beside the calls it
 * lists the ServiceAccounts to apply, and the statements that the trust policies of existing roles must also
 * hold.
 */
export function exportAwsCli(input: ExportInput): string {
  const { made, attached } = splitBindings(input.bindings);
  const commands = [
    ...input.providers.map((provider) => providerCall(provider, input)),
    ...made.flatMap(roleCalls),
  ];
  const trustPolicies = attached.map(({ roleArn, trustEntries }) => ({
    roleArn,
    mustHold: trustPolicyOf(trustEntries),
  }));
  const serviceAccounts = serviceAccountManifests(input.bindings);
  return `${JSON.stringify({ commands, trustPolicies, serviceAccounts }, null, 2)}\n`;
}

function providerCall({ issuer, clientIds }: DesiredProvider, { thumbprints }: ExportInput): CliCall {
  const input: CreateOpenIDConnectProviderCommandInput = {
    Url: issuer,
    ClientIDList: [...clientIds],
    ...(thumbprints.length > 0 ? { ThumbprintList: [...thumbprints] } : {}),
    Tags: tagList(PROVIDER_TAGS),
  };
  return { command: 'create-open-id-connect-provider', input };
}

function roleCalls({ role, trustEntries }: NewRoleBinding): readonly CliCall[] {
  const { name, maxSessionDurationSeconds, permissionsBoundary } = role;
  const create: CreateRoleCommandInput = {
    RoleName: name,
    Path: role.path,
    Description: role.description,
    AssumeRolePolicyDocument: JSON.stringify(trustPolicyOf(trustEntries)),
    ...(maxSessionDurationSeconds === undefined ? {} : { MaxSessionDuration: maxSessionDurationSeconds }),
    ...(permissionsBoundary === undefined ? {} : { PermissionsBoundary: permissionsBoundary }),
    Tags: tagList(role.tags),
  };
  const puts = role.inlinePolicies.map(
    (policy): PutRolePolicyCommandInput => ({
      RoleName: name,
      PolicyName: policy.name,
      PolicyDocument: JSON.stringify(policy.document),
    }),
  );
  const attaches = role.attachedPolicyArns.map(
    (arn): AttachRolePolicyCommandInput => ({ RoleName: name, PolicyArn: arn }),
  );
  return [
    { command: 'create-role', input: create },
    ...puts.map((input) => ({ command: 'put-role-policy', input })),
    ...attaches.map((input) => ({ command: 'attach-role-policy', input })),
  ];
}
