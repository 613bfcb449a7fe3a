import { describeWorkload } from '../../bind/restart/workload.ts';
import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { counted } from '../../lib/text/counted.ts';
import { isUnrestricted } from '../join/join-namespaces.ts';
import type { MigrationFinding } from '../model.ts';
import type { FindingInput } from './finding-input.ts';
import { findingsAbout } from './make-finding.ts';

/** Finds namespaces whose rules refuse what their pods use. */
export function findInNamespaces({ namespaces, refused, facts }: FindingInput): readonly MigrationFinding[] {
  const proposals = namespaces.flatMap(({ name, proposedAllowedRoles: entries }) =>
    entries
      ? [
          findingsAbout(`Namespace ${name}`).decide({
            text: 'has no rule that allows the roles that its pods use: kube2iam runs without --namespace-restrictions, and podrole gives a pod no role without a rule',
            remedy: `annotate it with ${NAMESPACE_RULE_ANNOTATION.allowedRoles}, a list of ${counted(entries.length, 'role')}, as in the plan`,
          }),
        ]
      : [],
  );
  return [...proposals, ...refused.flatMap((each) => refusalOf(each, facts))];
}

function refusalOf(
  { workload, refusal }: FindingInput['refused'][number],
  facts: FindingInput['facts'],
): readonly MigrationFinding[] {
  if (!refusal) return [];
  const found = findingsAbout(describeWorkload(workload));
  const { remedy } = refusal;
  const why = `${refusal.object} ${refusal.problem}`;
  // Only kube2iam with restrictions certainly judges as podrole does: kiam may run without anchors.
  const isRefusedToday =
    facts.from === 'kube2iam' && !isUnrestricted(facts) && refusal.rule === 'allowed-roles';
  return isRefusedToday
    ? [found.note({ text: `gets no role from podrole, and none from kube2iam: ${why}`, remedy })]
    : [found.breaks({ text: `gets no role from podrole: ${why}`, remedy })];
}
