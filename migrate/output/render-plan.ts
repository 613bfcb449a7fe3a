import { renderColumns } from '../../doctor/audit/output/columns.ts';
import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { isNamespaceName } from '../../lib/kubernetes-names.ts';
import { counted } from '../../lib/text/counted.ts';
import type { Paint, Style } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import { shellWord } from '../../lib/text/shell-word.ts';
import { WEIGHTS } from '../findings/find-all.ts';
import type { MigratedWorkload, MigrationFinding, MigrationModel } from '../model.ts';

/**
 * Renders a plan for a person: what there is, what needs a decision, who moves where, what comes next.
 * @param folder with the files of the steps, if they were written
 */
export function renderPlan(model: MigrationModel, paint: Paint, folder?: string): string {
  const blocks = [
    head(model),
    unreadOf(model),
    findingsOf(model, paint),
    workloadsOf(model, paint),
    rulesOf(model, paint),
    nextOf(model, paint, folder),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head({ from, workloads, roles, namespaces, ...model }: MigrationModel): readonly string[] {
  const pods = workloads.reduce((sum, each) => sum + each.pods.length, 0);
  const counts = [
    counted(workloads.length, 'workload'),
    counted(pods, 'pod'),
    counted(namespaces.length, 'namespace'),
    counted(roles.length, 'role'),
  ];
  const proxies = model.proxies.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  const flags = model.webhookFlags;
  const restriction =
    flags.namespaceRestrictionFormat === 'regexp' ? ' --namespace-restriction-format=regexp' : '';
  const base = flags.baseRoleArn === undefined ? '' : ` --base-role-arn=${shellWord(flags.baseRoleArn)}`;
  return [
    `from ${from}: ${counts.join(', ')}`,
    `proxy: ${proxies.length > 0 ? proxies.join(', ') : 'not found'}; its role: ${model.proxyRoleArn ?? 'unknown'}`,
    `issuer: ${model.issuer ?? 'unknown'}`,
    `podrole webhook reads the same annotations with: --pod-role-annotation=${shellWord(flags.podRoleAnnotation)}${base}${restriction}`,
  ].map(printable);
}

function unreadOf({ unread }: MigrationModel): readonly string[] {
  if (unread.length === 0) return [];
  return ['not read, so the plan is silent about it:', ...unread.map((text) => `  ${printable(text)}`)];
}

const STYLES: Readonly<Record<MigrationFinding['weight'], Style>> = {
  breaks: 'alarm',
  decide: 'changed',
  note: 'minor',
};

function findingsOf({ findings }: MigrationModel, paint: Paint): readonly string[] {
  const counts = WEIGHTS.map(
    (weight) => `${findings.filter((each) => each.weight === weight).length} ${weight}`,
  );
  return [
    paint('heading', `FINDINGS: ${counts.join(', ')}`),
    ...findings.flatMap(({ weight, object, text, remedy }) => [
      `${paint(STYLES[weight], weight.padEnd(6))}  ${printable(`${object} ${text}`)}`,
      `        to do: ${printable(remedy)}`,
    ]),
  ];
}

function workloadsOf({ workloads, roles }: MigrationModel, paint: Paint): readonly string[] {
  const title = paint('heading', 'WHO MOVES WHERE');
  if (workloads.length === 0) return [title, 'no workload names a role, as far as it was read'];
  const untrusted = new Map(
    roles.map((role) => [
      role.arn,
      { exists: role.exists, accounts: role.untrusted && new Set(role.untrusted) },
    ]),
  );
  const trustOf = ({ namespace, roleArn, ...workload }: MigratedWorkload) => {
    const role = untrusted.get(roleArn ?? '');
    if (role?.exists === false) return 'no role';
    if (!role?.accounts) return 'unknown';
    const { serviceAccount, newServiceAccount = serviceAccount } = workload;
    const isTrusted = [serviceAccount, newServiceAccount].every(
      (account) => !role.accounts?.has(`${namespace}/${account}`),
    );
    return isTrusted ? 'there' : 'to add';
  };
  // Without --probe, nobody knows.
  const isProbed = workloads.some(({ needs }) => needs !== 'unknown');
  const rows = workloads.map((workload) => {
    const { namespace, kind, name, serviceAccount, newServiceAccount, servedBy } = workload;
    const account =
      newServiceAccount === undefined ? serviceAccount : `${serviceAccount} -> ${newServiceAccount}`;
    const rule = workload.refused === undefined ? 'allows' : 'refuses';
    const needs = isProbed ? [workload.needs] : [];
    const role = workload.roleArn ?? workload.given;
    return [
      ...[namespace, `${kind}/${name}`, account, servedBy],
      ...[rule, trustOf(workload), ...needs, role],
    ].map(printable);
  });
  const columns = ['NAMESPACE', 'WORKLOAD', 'SERVICEACCOUNT', 'SERVED BY', 'RULE', 'TRUST'];
  const names = [...columns, ...(isProbed ? ['NEEDS'] : []), 'ROLE'];
  const [heading = '', ...lines] = renderColumns([names, ...rows]);
  return [title, paint('heading', heading), ...lines];
}

function rulesOf({ namespaces }: MigrationModel, paint: Paint): readonly string[] {
  const proposals = namespaces.flatMap(({ name, proposedAllowedRoles: entries }) =>
    // Another name, from a file, could be a flag for kubectl.
    entries && isNamespaceName(name)
      ? [{ name, value: `${NAMESPACE_RULE_ANNOTATION.allowedRoles}=${JSON.stringify(entries)}` }]
      : [],
  );
  if (proposals.length === 0) return [];
  return [
    paint('heading', 'RULES THAT ALLOW WHAT PODS USE TODAY'),
    ...proposals.map(({ name, value }) =>
      printable(`kubectl annotate --overwrite namespace ${shellWord(name)} ${shellWord(value)}`),
    ),
  ];
}

function nextOf(
  { from, workloads }: MigrationModel,
  paint: Paint,
  folder: string | undefined,
): readonly string[] {
  if (workloads.length === 0) return [];
  const steps =
    folder === undefined
      ? [`podrole migrate ${from} --out migration`, 'writes the files of the three steps']
      : [printable(`cat ${shellWord(`${folder}/README.md`)}`), 'shows the commands of the three steps'];
  const check = [`podrole migrate ${from} --check`, 'shows how far the migration has come'];
  return [paint('heading', 'NEXT'), ...renderColumns([steps, check])];
}
