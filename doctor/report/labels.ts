import type { AuditedGrant, GrantKind } from '../audit/model.ts';
import type { Severity } from '../audit/severity.ts';
import type { FindingState } from '../chain/finding.ts';
import type { LinkId } from '../link-ids.ts';

/** Names of the links, short enough to stand below a mark. */
export const LINK_LABELS: Readonly<Record<LinkId, string>> = {
  annotation: 'annotation',
  webhook: 'webhook',
  pod: 'pod',
  source: 'source',
  token: 'token',
  'api-audience': 'API audience',
  issuer: 'issuer',
  discovery: 'discovery',
  keys: 'keys',
  certificate: 'certificate',
  provider: 'provider',
  role: 'role',
  'trust-policy': 'trust policy',
  duration: 'duration',
  exchange: 'exchange',
  permissions: 'permissions',
  target: 'target role',
};

/** States with the character that stands for each where there is no room for a word. */
export const STATE_MARKS: Readonly<Record<FindingState, string>> = {
  ok: '●',
  warning: '▲',
  broken: '✕',
  skipped: '·',
  unknown: '?',
};

export const SEVERITY_LABELS: Readonly<Record<Severity, string>> = {
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  note: 'Note',
};

export const VERDICT_LABELS: Readonly<Record<AuditedGrant['verdict'], string>> = {
  allowed: 'Allowed',
  refused: 'Refused',
  restricted: 'Restricted',
  unknown: 'Unknown',
};

export const KIND_LABELS: Readonly<Record<GrantKind, string>> = {
  'web-identity': 'web identity (IRSA)',
  'container-role': 'container role',
  'trusted-only': 'trusted, but not annotated',
  'pod-annotation': 'annotation of the pod',
  kube2iam: 'kube2iam or kiam',
  'node-profile': 'instance profile of the node',
};

export const POLICY_LABELS: Readonly<Record<AuditedGrant['policy'], string | undefined>> = {
  allowed: 'allowed by the policy',
  refused: 'against the policy',
  none: undefined,
};
