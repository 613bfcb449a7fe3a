import { createHash } from 'node:crypto';
import { describeFault } from '../../../lib/errors.ts';
import { auditExplanations } from '../explanations/audit-explanations.ts';
import type { AuditFinding, AuditModel } from '../model.ts';
import type { Severity } from '../severity.ts';

/** Levels of SARIF, and scores of CVSS by which code scanning sorts. */
const LEVELS: Readonly<Record<Severity, { readonly level: string; readonly score: string }>> = {
  high: { level: 'error', score: '8.0' },
  medium: { level: 'warning', score: '5.0' },
  low: { level: 'note', score: '2.0' },
  note: { level: 'note', score: '0.0' },
};

const RULES = Object.entries(auditExplanations).map(([id, { title, severity, happened, remedy }]) => ({
  id,
  shortDescription: { text: title },
  fullDescription: { text: happened },
  help: { text: `${happened} ${remedy}` },
  defaultConfiguration: { level: LEVELS[severity].level },
  properties: { 'security-severity': LEVELS[severity].score, tags: ['security'] },
}));
const RULE_INDEX = new Map(RULES.map(({ id }, at) => [id, at]));

/** Renders the findings for code scanning. [SARIF] Static Analysis Results Interchange Format 2.1.0 */
export function renderSarif({ findings }: AuditModel): string {
  const run = {
    tool: { driver: { name: 'podrole', rules: RULES } },
    columnKind: 'utf16CodeUnits',
    results: resultsOf(findings),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** An object may have several findings of one code: each needs a fingerprint of its own. */
function resultsOf(findings: readonly AuditFinding[]) {
  const counts = new Map<string, number>();
  return findings.map((finding) => {
    const key = `${finding.code}\n${locationOf(finding)}`;
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    return resultOf(finding, before === 0 ? key : `${key}\n${before}`);
  });
}

function resultOf(finding: AuditFinding, fingerprint: string) {
  const { code, severity, object, text, remedy } = finding;
  const message = describeFault({
    object,
    problem: text,
    remedy: [remedy.text, ...remedy.commands].join('; '),
  });
  const uri = locationOf(finding);
  return {
    ruleId: code,
    ruleIndex: RULE_INDEX.get(code) ?? -1,
    level: LEVELS[severity].level,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: uri, kind: 'resource' }],
      },
    ],
    // The same finding in the next audit, whatever its order and wording.
    partialFingerprints: { 'finding/v1': createHash('sha256').update(fingerprint).digest('hex') },
  };
}

/**
 * Returns the address of the object: `kubernetes/CONTEXT/NAMESPACE/KIND/NAME`, or `aws/ARN`. It looks like a
 * file of the repository: code scanning refuses a whole upload with URIs of another scheme.
 */
function locationOf({ cluster, namespace, object }: AuditFinding): string {
  const arn = /^(?:role|OIDC provider) (arn:\S+)$/.exec(object)?.[1];
  if (arn !== undefined) return `aws/${encodeURI(arn.toWellFormed()).replace(/[?#]/g, encodeURIComponent)}`;
  const [, kind = 'Cluster', rest = object] = /^(\S+) (.*)$/.exec(object) ?? [];
  const name =
    namespace !== undefined && rest.startsWith(`${namespace}/`) ? rest.slice(namespace.length + 1) : rest;
  const parts = ['kubernetes', cluster || 'this-cluster', namespace ?? '-', kind, name];
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
}
