import { trustPolicyOf } from '../../trust/trust-statement.ts';
import { type Existing, withExistingRole } from '../existing.ts';
import type { NewRoleBinding } from '../export-input.ts';
import { trustWithReferences } from '../trust-with-references.ts';
import { uniqueNames } from '../unique-names.ts';
import { HclExpression, hclBlock, jsonEncoded } from './hcl.ts';
import { identifierOf } from './identifier.ts';
import { importBlock } from './import-block.ts';
import type { ArnReferences } from './references.ts';

interface RoleSurroundings {
  readonly providerArns: ArnReferences;
  readonly existing: Existing | undefined;
}

/** Renders the roles of bindings. */
export function roleBlocks(
  bindings: readonly NewRoleBinding[],
  nameOf: (id: string) => string,
  { providerArns, existing }: RoleSurroundings,
): readonly string[] {
  return bindings.flatMap(({ id, role: asked, trustEntries }) => {
    const facts = existing?.roles.get(id);
    const role = withExistingRole(asked, facts);
    const trust = facts ? existing?.mergeTrust(facts.trustPolicy, trustEntries) : trustPolicyOf(trustEntries);
    const referenced = trustWithReferences(trust, (arn) => {
      const reference = providerArns.get(arn);
      return reference === undefined ? arn : new HclExpression(reference);
    });
    const block = hclBlock('resource', ['aws_iam_role', nameOf(id)], {
      name: role.name,
      path: role.path,
      description: role.description,
      max_session_duration: role.maxSessionDurationSeconds,
      permissions_boundary: role.permissionsBoundary,
      assume_role_policy: jsonEncoded(referenced),
      tags: role.tags,
    });
    return facts ? [importBlock('aws_iam_role', nameOf(id), role.name), block] : [block];
  });
}

/**
 * Renders the policies of all roles together: `web-a` with the policy `b` must not get the same name as `web`
 * with `a-b`.
 */
export function policyBlocks(
  bindings: readonly NewRoleBinding[],
  nameOfRole: (id: string) => string,
  existing: Existing | undefined,
): readonly string[] {
  const policies = bindings.flatMap(({ id, role }) => {
    const facts = existing?.roles.get(id);
    return [
      ...role.inlinePolicies.map(({ name, document }) => ({
        id: `${id}/${name}`,
        type: 'aws_iam_role_policy',
        role: nameOfRole(id),
        members: { name, policy: jsonEncoded(document) },
        imported: facts?.inlinePolicies.some((it) => it.name === name) ? `${role.name}:${name}` : undefined,
      })),
      ...role.attachedPolicyArns.map((arn) => ({
        id: `${id}/${arn}`,
        type: 'aws_iam_role_policy_attachment',
        role: nameOfRole(id),
        members: { policy_arn: arn },
        imported: facts?.attachedPolicyArns?.includes(arn) ? `${role.name}/${arn}` : undefined,
      })),
    ];
  });
  const names = uniqueNames(
    policies.map(({ id }) => id),
    (id) => identifierOf(id.replace(/\/arn:[^/]*/, '')),
  );
  return policies.flatMap(({ id, type, role, members, imported }) => {
    const name = names.get(id) ?? id;
    const reference = new HclExpression(`aws_iam_role.${role}.name`);
    const block = hclBlock('resource', [type, name], { role: reference, ...members });
    return imported === undefined ? [block] : [importBlock(type, name, imported), block];
  });
}
