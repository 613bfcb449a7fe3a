import { stringify } from 'yaml';
import { connect } from '../kubernetes/connect.ts';
import { renderForPrograms } from '../lib/for-programs.ts';
import type { Outcome } from '../lib/outcome.ts';
import type { Env, IsColored, Output, Progress } from '../lib/surroundings.ts';
import { compareText } from '../lib/text/compare.ts';
import { painter } from '../lib/text/paint.ts';
import { readRolePolicy } from './document/read-role-policy.ts';
import { judgeRole } from './judge-role.ts';
import { askedUses, requirePolicyFile } from './report/asked-uses.ts';
import { collectUses } from './report/collect-uses.ts';
import { type JudgedUse, type NamespaceReport, reportOn } from './report/policy-report.ts';
import { renderReport, useLines } from './report/render-report.ts';
import type { NamingSettings } from './report/roles-of-objects.ts';
import type { PolicyCommandSettings } from './report/settings.ts';
import { unjudgedNote } from './report/unjudged-note.ts';
import type { RolePolicy } from './role-policy.ts';
import { renderVap } from './vap/render-vap.ts';

export interface PolicySurroundings extends Output, Pick<NamingSettings, 'rolesInList'> {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly isColored: IsColored;
  readonly progress: Progress;
}

/**
 * Runs `podrole policy`, which changes nothing. With operands and with `-o vap` it reads only the policy
 * file, else also the namespaces, ServiceAccounts and pods of the cluster.
 * @param operands `NAMESPACE/SERVICEACCOUNT=ROLE`
 * @returns `changes` with --exit-code if a role is refused
 * @throws PodroleError if the policy file or the cluster cannot be read
 */
export async function runPolicy(
  settings: PolicyCommandSettings,
  surroundings: PolicySurroundings,
  operands: readonly string[],
): Promise<Outcome> {
  const asked = askedUses(operands, settings.baseRoleArn);
  if (asked.length > 0) requirePolicyFile(settings.rolePolicyFile);
  const policy = await readRolePolicy(settings.rolePolicyFile);
  const { stdout, isColored } = surroundings;
  if (settings.output === 'vap') {
    const { policy: mode, annotationPrefix, baseRoleArn } = settings;
    stdout.write(writeManifests(renderVap({ policy, mode, annotationPrefix, baseRoleArn })));
    return 'done';
  }
  const paint = painter(isColored.stdout);
  const isAsked = asked.length > 0;
  const reports = isAsked ? [] : await readCluster(settings, surroundings, policy);
  const note = unjudgedNote(reports, settings);
  if (note) surroundings.stderr.write(`note: ${note}\n`);
  const rules = { policy, allowedRolesFormat: settings.namespaceRestrictionFormat, namespace: undefined };
  const uses: readonly JudgedUse[] = isAsked
    ? asked.map((use) => ({
        object: use.object,
        serviceAccount: use.serviceAccount,
        role: use.roleArn,
        refused: judgeRole(use, rules),
      }))
    : reports.flatMap((report) => report.uses);
  if (settings.output !== 'text') stdout.write(renderForPrograms(isAsked ? uses : reports, settings.output));
  else if (!isAsked) stdout.write(renderReport(reports, paint));
  else stdout.write(`${uses.flatMap((use) => useLines(use, paint)).join('\n')}\n`);
  return settings.exitCode && uses.some(({ refused }) => refused) ? 'changes' : 'done';
}

async function readCluster(
  settings: PolicyCommandSettings,
  { env, signal, progress, rolesInList }: PolicySurroundings,
  policy: RolePolicy | undefined,
): Promise<readonly NamespaceReport[]> {
  const { annotationPrefix, podRoleAnnotation, baseRoleArn, namespace } = settings;
  const naming = { annotationPrefix, podRoleAnnotation, baseRoleArn, rolesInList };
  const { namespaces, uses } = await collectUses({
    ...naming,
    client: connect(settings, env),
    namespace,
    signal,
    progress,
  });
  progress.clear();
  const sorted = namespaces.toSorted((one, other) => compareText(one.name, other.name));
  const { namespaceRestrictionFormat: allowedRolesFormat } = settings;
  return reportOn(sorted, uses, { policy, allowedRolesFormat, baseRoleArn });
}

function writeManifests(objects: readonly unknown[]): string {
  return objects
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}
