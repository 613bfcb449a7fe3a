import { counted } from '../../../lib/text/counted.ts';
import type { Paint, Style } from '../../../lib/text/paint.ts';
import { printable } from '../../../lib/text/printable.ts';
import { contextName } from '../context-name.ts';
import type { AuditedCluster, AuditedGrant, AuditFinding, AuditModel } from '../model.ts';
import { SEVERITIES, type Severity } from '../severity.ts';
import { renderColumns } from './columns.ts';

/** Renders an audit for a person: what was read, findings with remedies, who may assume what. */
export function renderTable(model: AuditModel, paint: Paint): string {
  const blocks = [
    head(model),
    ...model.clusters.map(unreadOf),
    findingsOf(model, paint),
    grantsOf(model, paint),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head({ clusters, account }: AuditModel): readonly string[] {
  return [
    ...clusters.map(({ context, issuer = 'unknown', totals }) => {
      const { namespaces, serviceAccounts, pods, nodes } = totals;
      const counts = [
        counted(namespaces, 'namespace'),
        counted(serviceAccounts, 'ServiceAccount'),
        counted(pods, 'pod'),
        counted(nodes, 'node'),
      ];
      return printable(`cluster ${contextName(context)}: ${counts.join(', ')}; issuer ${issuer}`);
    }),
    `account: ${account ? account.accountId || "Ceph's default tenant" : 'unknown'}`,
  ];
}

function unreadOf({ context, unread }: AuditedCluster): readonly string[] {
  if (unread.length === 0) return [];
  const title = `not read of cluster ${contextName(context)}, so the audit is silent about it:`;
  return [printable(title), ...unread.map((text) => `  ${printable(text)}`)];
}

const STYLES: Readonly<Record<Severity, Style>> = {
  high: 'alarm',
  medium: 'changed',
  low: 'place',
  note: 'minor',
};

function findingsOf({ findings }: AuditModel, paint: Paint): readonly string[] {
  const counts = SEVERITIES.map(
    (severity) => `${findings.filter((each) => each.severity === severity).length} ${severity}`,
  );
  const title = paint('heading', `FINDINGS: ${counts.join(', ')}`);
  return [title, ...findings.flatMap((finding) => linesOf(finding, paint))];
}

function linesOf({ severity, code, object, text, remedy }: AuditFinding, paint: Paint): readonly string[] {
  return [
    `${paint(STYLES[severity], severity.padEnd(6))}  ${printable(`${object} ${text}`)} [${code}]`,
    `        to do: ${printable(remedy.text)}`,
    ...remedy.commands.map((command) => `          ${printable(command)}`),
  ];
}

const VERDICT_STYLES: Readonly<Record<AuditedGrant['verdict'], Style>> = {
  allowed: 'created',
  restricted: 'changed',
  refused: 'removed',
  unknown: 'minor',
};

function grantsOf({ grants, clusters }: AuditModel, paint: Paint): readonly string[] {
  const title = paint('heading', 'WHO MAY ASSUME WHAT');
  if (grants.length === 0) return [title, 'nobody, as far as it was read'];
  const isMany = clusters.length > 1;
  const isRuled = grants.some(({ policy }) => policy !== 'none');
  const rows = grants.map((grant) => {
    const ofContainer = grant.container === undefined ? '' : `/${grant.container}`;
    return [
      ...(isMany ? [grant.cluster] : []),
      grant.namespace,
      `${grant.serviceAccount}${ofContainer}`,
      grant.kind,
      ...(isRuled ? [grant.policy] : []),
      grant.verdict,
      grant.roleArn,
    ].map(printable);
  });
  const policy = isRuled ? ['POLICY'] : [];
  const names = ['NAMESPACE', 'SERVICEACCOUNT', 'BY', ...policy, 'VERDICT', 'ROLE'];
  const [heading = '', ...lines] = renderColumns([[...(isMany ? ['CLUSTER'] : []), ...names], ...rows]);
  return [
    title,
    paint('heading', heading),
    ...lines.map((line, at) => paintVerdict(line, grants[at]?.verdict ?? 'unknown', paint)),
  ];
}

function paintVerdict(line: string, verdict: AuditedGrant['verdict'], paint: Paint): string {
  // The role is last, and the verdict is the word before it.
  const at = line.lastIndexOf(` ${verdict} `) + 1;
  return `${line.slice(0, at)}${paint(VERDICT_STYLES[verdict], verdict)}${line.slice(at + verdict.length)}`;
}
