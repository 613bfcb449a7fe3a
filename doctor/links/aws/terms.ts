import { providerArnOf } from '../../../bind/names.ts';
import { subjectOf } from '../../../bind/trust/describe-subject.ts';
import type { TrustEntry } from '../../../bind/trust/trust-entry.ts';
import { hasTrustPolicy, parseRoleArn, type RoleArn } from '../../../lib/arn.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { Reading } from '../../facts/reading.ts';

/** Request of a chain to AWS: a role for the tokens of a ServiceAccount. */
export interface Terms {
  readonly role: RoleArn;
  /** `role arn:…` */
  readonly object: string;
  readonly audience: string;
  /** `system:serviceaccount:shop:web` */
  readonly subject: string;
  /** Issuer of the tokens; undefined if it is not known. */
  readonly issuer: string | undefined;
  /** The tokens as a trust policy sees them; undefined without an issuer. */
  readonly entry: TrustEntry | undefined;
}

/** Returns the terms of a chain; undefined if it has no role. */
export function termsOf(facts: ChainFacts): Terms | undefined {
  const role = parseRoleArn(facts.grant?.roleArn ?? '');
  if (!facts.grant || !role) return undefined;
  const { audience } = facts.grant;
  const issuer = issuerOf(facts);
  const subject = subjectOf(facts.subject.namespace, facts.serviceAccountName);
  return {
    role,
    object: `role ${role.arn}`,
    audience,
    subject,
    issuer,
    entry: issuer === undefined ? undefined : entryOf(role, issuer, subject, audience),
  };
}

/** The issuer as the tokens name it, else as it was read, else as the API server publishes it. */
function issuerOf({ cluster: { token, apiServer }, issuer }: ChainFacts): string | undefined {
  if (token.state === 'read') return token.value.issuer;
  return issuer?.url ?? (apiServer.state === 'read' ? apiServer.value.issuer : undefined);
}

function entryOf(role: RoleArn, issuer: string, subject: string, audience: string): TrustEntry {
  const providerArn = providerArnOf(issuer, { accountId: role.account, partition: role.partition });
  return { providerArn, issuer, subject, isPattern: false, audience };
}

/** Reading of a chain without a role. */
export const NO_ROLE: Extract<Reading<never>, { state: 'not asked' }> = {
  state: 'not asked',
  why: 'the ServiceAccount gives no role',
};

/** Reading of a chain whose issuer is not known. */
export const NO_ISSUER: Extract<Reading<never>, { state: 'not asked' }> = {
  state: 'not asked',
  why: 'the issuer of the tokens is not known',
};

/** Advice for a role that these credentials cannot read; undefined if another one fits better. */
export function otherAccountRemedy({ aws }: ChainFacts, { role }: Terms) {
  if (aws.account.state !== 'read' || !hasTrustPolicy(role)) return undefined;
  const { accountId, partition } = aws.account.value;
  if (role.account === accountId && role.partition === partition) return undefined;
  const place = role.account || "Ceph's default tenant";
  const text = `to judge it, use credentials of account ${place} in partition ${role.partition}, for example by AWS_PROFILE`;
  return { text, commands: [] };
}
