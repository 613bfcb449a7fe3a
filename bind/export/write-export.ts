import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { throwIfAny } from '../../lib/errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { containerRolesIn } from '../desired/container-annotation.ts';
import type { DesiredBinding } from '../desired/desired.ts';
import { targetPolicy } from '../desired/desired-target.ts';
import { trustNotes } from '../plan/plan-trust.ts';
import type { ExportFormat } from '../settings.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { targetStatement } from '../trust/target/target-statement.ts';
import { trustPolicySizeFault } from '../trust/trust-policy-size.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { exportAwsCli } from './export-aws-cli.ts';
import { exportCloudFormation } from './export-cloudformation.ts';
import type { ExportInput } from './export-input.ts';
import { manifestFaults, serviceAccountManifests } from './service-account-manifest.ts';
import { exportTerraform } from './terraform/export-terraform.ts';

const EXPORTS = {
  'aws-cli': exportAwsCli,
  terraform: exportTerraform,
  cloudformation: exportCloudFormation,
} as const satisfies Record<ExportFormat, (input: ExportInput) => string>;

/**
 * Prints bindings in another tool's format to stdout, and notes which subjects a pattern admits on stderr.
 * @param trustPolicyLimit characters
 * @throws PodroleError `TRUST_POLICY_TOO_LONG`
 */
export function writeExport(
  format: ExportFormat,
  input: ExportInput,
  trustPolicyLimit: number,
  { stdout, stderr }: BindSurroundings,
): void {
  const faults = input.bindings.flatMap(
    ({ role, trustEntries }) =>
      (role && trustPolicySizeFault(trustPolicyOf(trustEntries), role.name, trustPolicyLimit)) ?? [],
  );
  throwIfAny([...manifestFaults(input.bindings), ...faults]);
  const text = EXPORTS[format](input);
  const notes = [
    ...input.bindings.flatMap(notesOf),
    ...input.bindings.flatMap(targetNotes),
    ...containerNotes(input.bindings),
  ];
  for (const note of new Set(notes)) stderr.write(`note: ${printable(note)}\n`);
  stdout.write(text);
}

function notesOf({ role, trustEntries }: DesiredBinding): readonly string[] {
  return role
    ? trustNotes(role.name, trustPolicyOf(trustEntries), { trustEntries, dropIssuers: [], prune: false })
    : [];
}

/** Target roles are often of another account, and of another owner: no export changes them. */
function targetNotes({ target, role, roleArn }: DesiredBinding): readonly string[] {
  if (!target) return [];
  const statement = JSON.stringify(targetStatement(target.entry));
  const policy = JSON.stringify(targetPolicy(target).document);
  return [
    `the trust policy of ${target.roleArn} is not exported; it needs this statement: ${statement}`,
    ...(role ? [] : [`${roleArn} is attached; it needs this inline policy: ${policy}`]),
  ];
}

/** An applied manifest replaces the annotation, so containers that are not in it lose their roles. */
function containerNotes(bindings: readonly DesiredBinding[]): readonly string[] {
  return serviceAccountManifests(bindings).flatMap(({ metadata }) => {
    const listed = containerRolesIn(metadata.annotations[PODROLE_ANNOTATION.containerRoles] ?? '');
    const containers = [...(listed?.keys() ?? [])].join(', ');
    return containers === ''
      ? []
      : [
          `the manifest of ServiceAccount ${metadata.namespace}/${metadata.name} gives roles only to its containers ${containers}; export the bindings of all its containers together`,
        ];
  });
}
