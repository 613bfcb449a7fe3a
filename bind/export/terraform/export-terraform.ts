import { issuerHostPath } from '../../../lib/issuer.ts';
import type { DesiredProvider, DesiredServiceAccount } from '../../desired/desired.ts';
import { trustPolicyOf } from '../../trust/trust-statement.ts';
import { withExistingProvider } from '../existing.ts';
import { type ExportInput, PROVIDER_TAGS, splitBindings } from '../export-input.ts';
import { uniqueNames } from '../unique-names.ts';
import { hclBlock, hclValue } from './hcl.ts';
import { identifierOf } from './identifier.ts';
import { importBlock } from './import-block.ts';
import { policyBlocks, roleBlocks } from './role-blocks.ts';
import { accountBlocks, namespaceBlocks } from './service-account-blocks.ts';

const HEADER = `# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes.
`;
const NOT_READ = `# It assumes that nothing exists yet. With --import-existing it also reads IAM and the cluster, imports what
# exists (Terraform 1.5 or OpenTofu 1.5), and creates the namespaces that are missing.
`;

/** Renders bindings as resources of Terraform or OpenTofu, in the form of `terraform fmt`. */
export function exportTerraform(input: ExportInput): string {
  const { bindings, providers, existing } = input;
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
  const providerArns = new Map(
    providers.map((it) => [it.arn, `aws_iam_openid_connect_provider.${providerNameOf(it)}.arn`]),
  );
  const roleArns = new Map(made.map(({ id, roleArn }) => [roleArn, `aws_iam_role.${nameOf(id)}.arn`]));
  const notes = attached.map(
    ({ id, roleArn, trustEntries }) =>
      `# ${id}: the role ${roleArn} exists already; its trust policy must also hold\n${commented(trustPolicyOf(trustEntries))}`,
  );
  return [
    existing ? HEADER : `${HEADER}${NOT_READ}`,
    ...providers.flatMap((provider) => providerBlocks(provider, providerNameOf(provider), input)),
    ...roleBlocks(made, nameOf, { providerArns, existing }),
    ...policyBlocks(made, nameOf, existing),
    ...notes,
    ...namespaceBlocks(input),
    ...accountBlocks(input, nameOf, roleArns),
  ].join('\n');
}

function accountIds(account: DesiredServiceAccount | undefined): readonly string[] {
  return account ? [`${account.namespace}/${account.name}`] : [];
}

function providerBlocks(
  provider: DesiredProvider,
  name: string,
  { thumbprints, existing }: ExportInput,
): readonly string[] {
  const type = 'aws_iam_openid_connect_provider';
  const facts = existing?.providers.get(provider.arn);
  const { issuer, clientIds } = withExistingProvider(provider, facts);
  const listed = thumbprints.length > 0 ? thumbprints : (facts?.thumbprints ?? []);
  return [
    ...(facts ? [importBlock(type, name, provider.arn)] : []),
    hclBlock('resource', [type, name], {
      url: issuer,
      client_id_list: clientIds,
      thumbprint_list: listed.length > 0 ? listed : undefined,
      tags: { ...facts?.tags, ...PROVIDER_TAGS },
    }),
  ];
}

function commented(value: unknown): string {
  return `${hclValue(value).replace(/^/gm, '#   ')}\n`;
}
