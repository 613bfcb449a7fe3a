import { counted } from '../../lib/text/counted.ts';
import type { MigrationFinding, ServiceAccountSplit } from '../model.ts';
import type { FindingInput } from './finding-input.ts';
import { findingsAbout, someOf } from './make-finding.ts';

/** Finds ServiceAccounts that pods with several roles share. */
export function findInAccounts({ splits }: FindingInput): readonly MigrationFinding[] {
  return splits.flatMap((split) => [shared(split), ...holdings(split)]);
}

function about({ namespace, serviceAccount }: ServiceAccountSplit) {
  return findingsAbout(`ServiceAccount ${namespace}/${serviceAccount}`);
}

function shared(split: ServiceAccountSplit): MigrationFinding {
  const { keeps, others, serviceAccount } = split;
  const names = someOf(others.map((each) => each.serviceAccount));
  const why =
    keeps === undefined
      ? `is shared by pods with ${counted(others.length, 'role')} and by pods that name none`
      : `is shared by pods with ${others.length + 1} roles`;
  return about(split).decide({
    text: `${why}: whoever runs as it gets each role that trusts it`,
    remedy: `use the ServiceAccounts of the plan: ${names}${keeps === undefined ? '' : `; this one keeps the role ${keeps}`}. Until then, if the webhook reads the pods' annotations, each of the roles must trust ${serviceAccount}: 1-trust/shared.yaml of --out`,
  });
}

function holdings(split: ServiceAccountSplit): readonly MigrationFinding[] {
  const { bindings = [], imagePullSecrets } = split;
  const parts = [
    ...(bindings.length > 0
      ? [`the rights of ${someOf(bindings.map(({ kind, name }) => `${kind} ${name}`))}`]
      : []),
    ...(imagePullSecrets.length > 0 ? [`the imagePullSecrets ${someOf(imagePullSecrets)}`] : []),
  ];
  if (parts.length === 0) return [];
  return [
    about(split).decide({
      text: `has ${parts.join(', and ')}, which new ServiceAccounts do not have by themselves`,
      remedy: 'give them to each new ServiceAccount whose pods need them',
    }),
  ];
}
