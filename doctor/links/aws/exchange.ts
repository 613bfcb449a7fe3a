import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ExchangeFacts } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { clockWarnings } from './exchange/clock.ts';
import { podProxies } from './exchange/pod-proxies.ts';
import { refusalCause } from './exchange/refusal-cause.ts';
import { unreachableCause } from './exchange/unreachable-cause.ts';
import { NO_ROLE, type Terms, termsOf } from './terms.ts';

const { ok, broken, warning, unknown } = findingsOf('exchange');

/** Judges whether STS exchanges a token of the ServiceAccount for a session of the role: one live call. */
export const exchange: Link = {
  id: 'exchange',
  title: 'exchange at STS',
  needs: [
    'annotation',
    'token',
    'issuer',
    'discovery',
    'keys',
    'certificate',
    'provider',
    'role',
    'trust-policy',
    'duration',
  ],
  judge,
};

function judge(facts: ChainFacts): readonly [Finding, ...Finding[]] {
  const terms = termsOf(facts);
  if (!terms) return [unknown('STS', NO_ROLE)];
  const reading = facts.aws.exchange;
  if (reading.state !== 'read') return [unknown('STS', reading)];
  const call = reading.value;
  const object = `STS ${call.endpoint}`;
  const expected = `gives a session of ${terms.role.arn}`;
  const { outcome } = call;
  if (outcome.kind === 'session') return session(facts, terms, call, outcome.assumedRoleArn);
  if (outcome.kind === 'unreachable') {
    const cause = unreachableCause(facts, call, outcome);
    return cause.code === undefined
      ? [{ ...unknown(object, { state: 'failed', said: cause.found }), remedy: cause.remedy }]
      : [broken(cause.code, { object, expected, ...cause })];
  }
  const cause = refusalCause(facts, terms, call, outcome);
  const clocks = clockWarnings(facts).map(({ object: clock, found }) => `${clock}: ${found}`);
  const details = [...saidOf(outcome), ...cause.details, ...clocks];
  if (cause.code === undefined)
    return [{ ...unknown(object, { state: 'failed', said: cause.found }), remedy: cause.remedy }];
  return [broken(cause.code, { object, expected, ...cause, details })];
}

/** The words of STS are only shown: AWS changes them. */
function saidOf({
  status,
  code,
  said,
  requestId,
}: Extract<ExchangeFacts['outcome'], { kind: 'refused' }>): readonly string[] {
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  return [`HTTP ${status} ${code || 'without a code'}: ${said}${request}`];
}

function session(
  facts: ChainFacts,
  terms: Terms,
  call: ExchangeFacts,
  assumedRoleArn: string,
): readonly [Finding, ...Finding[]] {
  const object = `STS ${call.endpoint}`;
  const expected = `gives a session of ${terms.role.arn}`;
  const warnings = clockWarnings(facts).map((trouble) => warning('STS_CLOCK_SKEW', trouble));
  if (!isSessionOf(terms, assumedRoleArn)) {
    warnings.unshift(
      warning('STS_OTHER_ROLE', {
        object,
        expected,
        found: `gave the session ${assumedRoleArn}`,
        remedy: { text: 'check that this address is the STS of the account of the role', commands: [] },
      }),
    );
  }
  if (call.isProxied && podProxies(facts) === 'none') {
    warnings.push(
      warning('STS_PROXY_NOT_IN_POD', {
        object,
        expected: 'is asked in the same way by the pod and from here',
        found: 'was reached through a proxy of this machine, and no container of the pod names a proxy',
        remedy: {
          text: 'if the nodes need the proxy too, set HTTPS_PROXY and NO_PROXY in the containers',
          commands: [],
        },
      }),
    );
  }
  const [first, ...more] = warnings;
  if (first) return [first, ...more];
  const session = assumedRoleArn === '' ? 'a session' : `the session ${assumedRoleArn}`;
  return [ok(object, `gives ${session} for a token of the ServiceAccount, in ${call.tookMs} ms`)];
}

/** An STS that names no session, such as MinIO's, is believed. */
function isSessionOf({ role }: Terms, assumedRoleArn: string): boolean {
  const [, account, name] =
    /^arn:[\w-]+:sts:[^:]*:([\w.-]*):assumed-role\/(?:.*\/)?([^/]+)\/[^/]+$/.exec(assumedRoleArn) ?? [];
  return name === undefined || (name === role.name && account === role.account);
}
