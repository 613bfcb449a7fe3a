import { awsAccountOf, parseRoleArn } from '../../../../lib/arn.ts';
import { ISSUER_FETCH_TIMEOUT_MS } from '../../../../lib/contract/sts.ts';
import type { Finding } from '../../../chain/finding.ts';
import type { findingsOf, Trouble } from '../../../chain/findings-of.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { Unanswered } from '../../../facts/issuer-facts.ts';

/** Hosts at which AWS serves STS, private endpoints of a VPC included. */
const AWS_HOST = /(?:^|\.)(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws|s?c2s\.(?:sgov|ic)\.gov)$/;

/** Returns true if the role is in an account of AWS; true if nobody knows, for example without a grant. */
export function isAwsAccount({ grant }: ChainFacts): boolean {
  const role = grant && parseRoleArn(grant.roleArn);
  return role === undefined || awsAccountOf(role) !== undefined;
}

/** Returns true if the STS may be one of the user's own, which reaches what only their network reaches. */
export function isPrivateSts(facts: ChainFacts): boolean {
  const { exchange } = facts.aws;
  const asked = exchange.state === 'read' ? exchange.value.endpoint : undefined;
  const urls = [facts.settings.stsEndpointUrl, asked].filter((url) => url !== undefined);
  return !isAwsAccount(facts) || urls.some((url) => !AWS_HOST.test(URL.parse(url)?.hostname ?? ''));
}

/** Returns true if STS gave a session for a token of this issuer: it has fetched the keys. */
export function isProven({ aws: { exchange } }: ChainFacts): boolean {
  return exchange.state === 'read' && exchange.value.outcome.kind === 'session';
}

/** Detail of a finding about a fault that STS has not noticed yet. */
const STILL_CACHED = 'STS still gives sessions: it uses keys that it fetched up to an hour ago';

/** Makes the finding of a fault at the issuer: broken, or a warning as long as STS gives sessions. */
export function faultAt(
  findings: ReturnType<typeof findingsOf>,
  facts: ChainFacts,
): (code: FindingCode, trouble: Trouble) => Finding {
  if (!isProven(facts)) return findings.broken;
  return (code, trouble) =>
    findings.warning(code, { ...trouble, details: [...(trouble.details ?? []), STILL_CACHED] });
}

/**
 * Returns why a fetch that got no answer here does not prove that STS gets none; undefined if STS, too, is
 * refused by what refused this machine.
 */
export function doubtOf({ reason }: Unanswered, facts: ChainFacts): string | undefined {
  if (reason === 'proxy') return 'the proxy of this machine did not lead there';
  const { exchange } = facts.aws;
  const outcome = exchange.state === 'read' ? exchange.value.outcome : undefined;
  if (outcome?.kind === 'unreachable') return 'this machine does not reach STS either';
  return isPrivateSts(facts) && outcome?.kind !== 'refused'
    ? 'your own STS may reach what this machine does not'
    : undefined;
}

export const STS_TIMEOUT = `${ISSUER_FETCH_TIMEOUT_MS / 1_000} s`;
