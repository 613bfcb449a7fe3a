import { issuerHostPath } from '../../lib/issuer.ts';
import type { DesiredProvider, DesiredServiceAccount } from '../desired/desired.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import {
  type ExportInput,
  type NewRoleBinding,
  PROVIDER_TAGS,
  providersOf,
  splitBindings,
} from './export-input.ts';
import { hclBlock, hclValue, jsonEncoded } from './hcl.ts';
import { serviceAccountManifests } from './service-account-manifest.ts';
import { uniqueNames } from './unique-names.ts';

const HEADER = `# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes. Take over what exists with
# terraform import. To only annotate an existing ServiceAccount, replace its resource by a kubernetes_annotations.
`;

/** Renders bindings as resources of Terraform or OpenTofu. */
export function exportTerraform(input: ExportInput): string {
  const { bindings, providers, thumbprints } = input;
  const { made, attached } = splitBindings(bindings);
  const names = uniqueNames(
    [...new Set(bindings.flatMap(({ id, serviceAccount }) => [id, ...accountIds(serviceAccount)]))],
    identifierOf,
  );
  const nameOf = (id: string) => names.get(id) ?? identifierOf(id);
  const providerNames = uniqueNames(
    providers.map(({ issuer }) => issuer),
    (issuer) => identifierOf(issuerHostPath(issuer)),
  );
  const providerNameOf = ({ issuer }: DesiredProvider) => providerNames.get(issuer) ?? identifierOf(issuer);
  const accounts = serviceAccountManifests(bindings).map(({ metadata }) =>
    hclBlock(
      'resource',
      ['kubernetes_service_account_v1', nameOf(`${metadata.namespace}/${metadata.name}`)],
      {},
      [hclBlock('metadata', [], { ...metadata })],
    ),
  );
  const notes = attached.map(
    ({ id, roleArn, trustEntries }) =>
      `# ${id}: the role ${roleArn} exists already; its trust policy must also hold\n${commented(trustPolicyOf(trustEntries))}`,
  );
  return [
    HEADER,
    ...providers.map((provider) => providerBlock(provider, providerNameOf(provider), thumbprints)),
    ...made.map((binding) =>
      roleBlock(binding, nameOf(binding.id), providersOf(binding, providers).map(providerNameOf)),
    ),
    ...policyBlocks(made, nameOf),
    ...notes,
    ...accounts,
  ].join('\n');
}

function accountIds(account: DesiredServiceAccount | undefined): readonly string[] {
  return account ? [`${account.namespace}/${account.name}`] : [];
}

function providerBlock(
  { issuer, clientIds }: DesiredProvider,
  name: string,
  thumbprints: readonly string[],
): string {
  return hclBlock('resource', ['aws_iam_openid_connect_provider', name], {
    url: issuer,
    client_id_list: clientIds,
    thumbprint_list: thumbprints.length > 0 ? thumbprints : undefined,
    tags: PROVIDER_TAGS,
  });
}

function roleBlock(
  { role, trustEntries }: NewRoleBinding,
  name: string,
  providerNames: readonly string[],
): string {
  const providers = providerNames.map((provider) => `aws_iam_openid_connect_provider.${provider}`);
  return hclBlock('resource', ['aws_iam_role', name], {
    name: role.name,
    path: role.path,
    description: role.description,
    max_session_duration: role.maxSessionDurationSeconds,
    permissions_boundary: role.permissionsBoundary,
    assume_role_policy: jsonEncoded(trustPolicyOf(trustEntries)),
    tags: role.tags,
    depends_on: providers.length > 0 ? { hcl: `[${providers.join(', ')}]` } : undefined,
  });
}

/**
 * Blocks of all roles together: `web-a` with the policy `b` must not get the same name as `web` with `a-b`.
 */
function policyBlocks(
  bindings: readonly NewRoleBinding[],
  nameOfRole: (id: string) => string,
): readonly string[] {
  const policies = bindings.flatMap(({ id, role }) => [
    ...role.inlinePolicies.map(({ name, document }) => ({
      id: `${id}/${name}`,
      type: 'aws_iam_role_policy',
      role: nameOfRole(id),
      members: { name, policy: jsonEncoded(document) },
    })),
    ...role.attachedPolicyArns.map((arn) => ({
      id: `${id}/${arn}`,
      type: 'aws_iam_role_policy_attachment',
      role: nameOfRole(id),
      members: { policy_arn: arn },
    })),
  ]);
  const names = uniqueNames(
    policies.map(({ id }) => id),
    (id) => identifierOf(id.replace(/\/arn:[^/]*/, '')),
  );
  return policies.map(({ id, type, role, members }) =>
    hclBlock('resource', [type, names.get(id) ?? id], {
      role: { hcl: `aws_iam_role.${role}.name` },
      ...members,
    }),
  );
}

/**
 * Returns a name of letters, digits and underscores that does not begin with a digit: it is valid in every
 * version.
 */
function identifierOf(id: string): string {
  return id.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
}

function commented(value: unknown): string {
  return `${hclValue(value).replace(/^/gm, '#   ')}\n`;
}
