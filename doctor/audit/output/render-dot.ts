import { printable } from '../../../lib/text/printable.ts';
import type { AuditedGrant, AuditModel } from '../model.ts';

/** Looks of an edge by its verdict. */
const EDGES: Readonly<Record<AuditedGrant['verdict'], string>> = {
  allowed: 'color="#1a7f37"',
  restricted: 'color="#9a6700", style=dashed',
  refused: 'color="#cf222e", style=dotted',
  unknown: 'color="#6e7781", style=dashed',
};

/** Renders who may assume what as a graph for Graphviz: `dot -Tsvg`. */
export function renderDot({ grants, clusters }: AuditModel): string {
  const isMany = clusters.length > 1;
  const accounts = new Map<string, string>();
  const roles = new Map<string, string>();
  const edges = grants.map((grant) => {
    const from = accountOf(grant, isMany);
    accounts.set(from, quoted(from));
    roles.set(grant.roleArn, quoted(grant.roleArn));
    const ofContainer = grant.container === undefined ? '' : ` ${grant.container}`;
    const label = `${grant.kind}${ofContainer}${grant.policy === 'refused' ? ', against the policy' : ''}`;
    return `  ${quoted(from)} -> ${quoted(grant.roleArn)} [label=${quoted(label)}, ${EDGES[grant.verdict]}];`;
  });
  return [
    'digraph "who may assume what" {',
    '  rankdir=LR;',
    '  node [shape=box, fontname="sans-serif"];',
    ...[...accounts.values()].map((name) => `  ${name} [style=rounded];`),
    ...[...roles.values()].map((name) => `  ${name} [style=filled, fillcolor="#ddf4ff"];`),
    ...edges,
    '}',
    '',
  ].join('\n');
}

function accountOf({ cluster, namespace, serviceAccount }: AuditedGrant, isMany: boolean): string {
  return [...(isMany ? [cluster] : []), namespace, serviceAccount].join('/');
}

/** In a label, a backslash begins an escape too. */
function quoted(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
