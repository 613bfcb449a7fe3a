import { stringify } from 'yaml';
import { issuerHostPath } from '../../lib/issuer.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { DesiredBinding, DesiredProvider } from '../desired/desired.ts';
import { tagList } from '../iam/tag-list.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { type ExportInput, type NewRoleBinding, PROVIDER_TAGS, splitBindings } from './export-input.ts';
import { serviceAccountManifests } from './service-account-manifest.ts';
import { trustWithReferences } from './trust-with-references.ts';
import { uniqueNames } from './unique-names.ts';

/**
 * Renders bindings as a CloudFormation template in YAML. CloudFormation does not know ServiceAccounts: their
 * manifests are in the template's Metadata, and Outputs has the role of each.
 */
export function exportCloudFormation(input: ExportInput): string {
  const { bindings, providers } = input;
  const { made, attached } = splitBindings(bindings);
  const ids = uniqueNames(
    bindings.map(({ id }) => id),
    (id) => logicalIdOf('Role', id),
  );
  const idOf = ({ id }: DesiredBinding) => ids.get(id) ?? id;
  const providerIds = uniqueNames(
    providers.map(({ issuer }) => issuer),
    (issuer) => logicalIdOf('Provider', issuerHostPath(issuer)),
  );
  const providerIdOf = ({ issuer }: DesiredProvider) => providerIds.get(issuer) ?? issuer;
  const providerIdByArn = new Map(providers.map((provider) => [provider.arn, providerIdOf(provider)]));
  const roles = made.map((binding) => [idOf(binding), roleResource(binding, providerIdByArn)]);
  const outputs = made.map((binding) => [
    `${idOf(binding)}Arn`,
    { Description: `Role of ServiceAccount ${binding.id}`, Value: { 'Fn::GetAtt': [idOf(binding), 'Arn'] } },
  ]);
  const trustPolicies = attached.map(({ roleArn, trustEntries }) => ({
    roleArn,
    mustHold: trustPolicyOf(trustEntries),
  }));
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'IAM roles of Kubernetes ServiceAccounts',
    Metadata: {
      Podrole: {
        ServiceAccounts: serviceAccountManifests(bindings),
        ...(trustPolicies.length > 0 ? { TrustPoliciesOfExistingRoles: trustPolicies } : {}),
      },
    },
    Resources: Object.fromEntries([
      ...providers.map((provider) => [providerIdOf(provider), providerResource(provider, input)]),
      ...roles,
    ]),
    ...(outputs.length > 0 ? { Outputs: Object.fromEntries(outputs) } : {}),
  };
  // CloudFormation reads YAML 1.1, where an unquoted policy version is a date and an unquoted `no` is false.
  return stringify(template, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}

function providerResource({ issuer, clientIds }: DesiredProvider, { thumbprints }: ExportInput): JsonObject {
  return {
    Type: 'AWS::IAM::OIDCProvider',
    Properties: {
      Url: issuer,
      ClientIdList: clientIds,
      ...(thumbprints.length > 0 ? { ThumbprintList: thumbprints } : {}),
      Tags: tagList(PROVIDER_TAGS),
    },
  };
}

function roleResource(
  { role, trustEntries }: NewRoleBinding,
  providerIdByArn: ReadonlyMap<string, string>,
): JsonObject {
  const { maxSessionDurationSeconds, permissionsBoundary, attachedPolicyArns, inlinePolicies } = role;
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: role.name,
      Path: role.path,
      Description: role.description,
      ...(maxSessionDurationSeconds === undefined ? {} : { MaxSessionDuration: maxSessionDurationSeconds }),
      ...(permissionsBoundary === undefined ? {} : { PermissionsBoundary: permissionsBoundary }),
      // A reference to a provider is its ARN, and creates it before the role.
      AssumeRolePolicyDocument: trustWithReferences(trustPolicyOf(trustEntries), (arn) => {
        const id = providerIdByArn.get(arn);
        return id === undefined ? arn : { Ref: id };
      }),
      ...(attachedPolicyArns.length > 0 ? { ManagedPolicyArns: attachedPolicyArns } : {}),
      ...(inlinePolicies.length > 0
        ? {
            Policies: inlinePolicies.map(({ name, document }) => ({
              PolicyName: name,
              PolicyDocument: document,
            })),
          }
        : {}),
      Tags: tagList(role.tags),
    },
  };
}

/** Returns `RoleShopWeb` for `shop/web`: a logical ID consists of letters and digits. */
function logicalIdOf(prefix: string, id: string): string {
  const words = id.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${prefix}${words.join('')}`;
}
