import { trustPolicyOf } from '../trust/grant-statement.ts';
import { type ExportInput, type NewRoleBinding, splitBindings } from './export-input.ts';
import { hclBlock, hclValue, jsonEncoded } from './hcl.ts';
import { serviceAccountManifests } from './service-account-manifest.ts';
import { uniqueNames } from './unique-names.ts';

const HEADER = `# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes. What exists already is taken over
# by terraform import, or the ServiceAccount's annotation by a kubernetes_annotations in place of its resource.
`;

const PROVIDER_NAME = 'podrole';

/** The bindings as resources of Terraform or OpenTofu. */
export function exportTerraform(input: ExportInput): string {
  const { bindings } = input;
  const { made, attached } = splitBindings(bindings);
  const names = uniqueNames(
    bindings.map(({ id }) => id),
    identifierOf,
  );
  const nameOf = (id: string) => names.get(id) ?? identifierOf(id);
  const accounts = bindings.flatMap((binding) =>
    serviceAccountManifests([binding]).map(({ metadata }) =>
      hclBlock('resource', ['kubernetes_service_account_v1', nameOf(binding.id)], {}, [
        hclBlock('metadata', [], { ...metadata }),
      ]),
    ),
  );
  const notes = attached.map(
    ({ id, roleArn, grants }) =>
      `# ${id}: the role ${roleArn} exists already; its trust policy must also hold\n${commented(trustPolicyOf(grants))}`,
  );
  return [
    HEADER,
    ...providerBlocks(input),
    ...made.map((binding) => roleBlock(binding, nameOf(binding.id), input.provider !== undefined)),
    ...policyBlocks(made, nameOf),
    ...notes,
    ...accounts,
  ].join('\n');
}

function providerBlocks({ provider, thumbprints, providerTags }: ExportInput): readonly string[] {
  if (!provider) return [];
  return [
    hclBlock('resource', ['aws_iam_openid_connect_provider', PROVIDER_NAME], {
      url: provider.issuer,
      client_id_list: provider.clientIds,
      thumbprint_list: thumbprints.length > 0 ? thumbprints : undefined,
      tags: providerTags,
    }),
  ];
}

function roleBlock({ role, grants }: NewRoleBinding, name: string, hasProvider: boolean): string {
  return hclBlock('resource', ['aws_iam_role', name], {
    name: role.name,
    path: role.path,
    description: role.description,
    max_session_duration: role.maxSessionDurationSeconds,
    permissions_boundary: role.permissionsBoundary,
    assume_role_policy: jsonEncoded(trustPolicyOf(grants)),
    tags: role.tags,
    depends_on: hasProvider ? { hcl: `[aws_iam_openid_connect_provider.${PROVIDER_NAME}]` } : undefined,
  });
}

/** Of all roles at once: `web-a` with the policy `b` must not have the name of `web` with `a-b`. */
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

/** Letters, digits and underscores, no digit first: such a name is read well and is valid in every version. */
function identifierOf(id: string): string {
  return id.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
}

function commented(value: unknown): string {
  return `${hclValue(value).replace(/^/gm, '#   ')}\n`;
}
