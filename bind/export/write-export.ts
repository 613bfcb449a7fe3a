import { throwIfAny } from '../../lib/errors.ts';
import type { DesiredBinding } from '../desired/desired.ts';
import { trustNotes } from '../plan/plan-trust.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { trustPolicySizeFault } from '../trust/trust-policy-size.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { exportCloudFormation } from './export-cloudformation.ts';
import type { ExportInput } from './export-input.ts';
import { exportJson } from './export-json.ts';
import { exportTerraform } from './export-terraform.ts';

const EXPORTS = {
  json: exportJson,
  terraform: exportTerraform,
  cloudformation: exportCloudFormation,
} as const;

/**
 * Prints bindings in another tool's format to stdout, and notes which subjects a pattern admits on stderr.
 * @param trustPolicyLimit characters
 * @throws PodroleError `TRUST_POLICY_TOO_LONG`
 */
export function writeExport(
  format: keyof typeof EXPORTS,
  input: ExportInput,
  trustPolicyLimit: number,
  { stdout, stderr }: BindSurroundings,
): void {
  const faults = input.bindings.flatMap(
    ({ role, trustEntries }) =>
      (role && trustPolicySizeFault(trustPolicyOf(trustEntries), role.name, trustPolicyLimit)) ?? [],
  );
  throwIfAny(faults);
  const text = EXPORTS[format](input);
  for (const note of new Set(input.bindings.flatMap(notesOf))) stderr.write(`note: ${note}\n`);
  stdout.write(text);
}

function notesOf({ role, trustEntries }: DesiredBinding): readonly string[] {
  return role
    ? trustNotes(role.name, trustPolicyOf(trustEntries), { trustEntries, dropIssuers: [], prune: false })
    : [];
}
