import { TOKEN_ALGORITHMS } from '../../../lib/contract/iam.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf, type Trouble } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { TokenFacts } from '../../facts/cluster-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { describeServiceAccount } from './chain-parts.ts';
import { judgeClock } from './token-clock.ts';

const { ok, broken, warning, unknown } = findingsOf('token');

/** Longest token that STS accepts. AWS STS API Reference, AssumeRoleWithWebIdentity */
const TOKEN_MAX_LENGTH = 20_000;

/** Judges a token that the cluster issued like those of the pod. */
export const token: Link = {
  id: 'token',
  title: 'token',
  needs: [],
  judge: (facts) => {
    const { token: reading } = facts.cluster;
    const object = `token of ${describeServiceAccount(facts)}`;
    if (reading.state !== 'read') return [unknown(object, reading)];
    return [judgeToken(facts, object, reading.value)];
  },
};

function judgeToken(facts: ChainFacts, object: string, found: TokenFacts): Finding {
  const fault = tokenFault(facts, found);
  if (fault) return broken(fault.code, { object, ...fault });
  const clock = judgeClock(facts, object, found);
  if (clock) return clock;
  const issuer = valueIn(facts.cluster.apiServer)?.issuer;
  if (issuer !== undefined && issuer !== found.issuer) {
    return warning('TOKEN_ISSUER_DIFFERS', {
      object,
      expected: `names the issuer of the API server, ${issuer}`,
      found: `names ${found.issuer}`,
      remedy: { text: 'give all API servers the same first --service-account-issuer', commands: [] },
    });
  }
  const { alg, kid } = found.header;
  return ok(object, `names ${found.issuer}, for ${found.audiences.join(', ')}`, [
    `${alg}, kid ${kid ?? 'none'}`,
  ]);
}

type Fault = Omit<Trouble, 'object'> & {
  readonly code: 'TOKEN_ALGORITHM' | 'TOKEN_LENGTH' | 'TOKEN_SEVERAL_AUDIENCES' | 'TOKEN_NOT_VERIFIED';
};

function tokenFault(facts: ChainFacts, found: TokenFacts): Fault | undefined {
  const { alg, kid } = found.header;
  const fault = (code: Fault['code'], expected: string, what: string, advice: string): Fault => ({
    code,
    expected,
    found: what,
    remedy: { text: advice, commands: [] },
  });
  if (!TOKEN_ALGORITHMS.some((known) => known === alg)) {
    const accepted = `is signed with one of ${TOKEN_ALGORITHMS.join(', ')}`;
    return fault(
      'TOKEN_ALGORITHM',
      accepted,
      `is signed with ${alg}`,
      'give the API server an RSA signing key',
    );
  }
  if (found.length > TOKEN_MAX_LENGTH) {
    const limit = `has at most ${TOKEN_MAX_LENGTH} characters`;
    return fault('TOKEN_LENGTH', limit, `has ${found.length}`, 'shorten what the signer adds to tokens');
  }
  const audience = facts.grant?.audience ?? facts.settings.tokenAudience;
  if (found.audiences.length !== 1 || found.audiences[0] !== audience) {
    const given = found.audiences.length === 0 ? 'none' : found.audiences.join(', ');
    const advice = 'find out what changes TokenRequests in this cluster';
    return fault('TOKEN_SEVERAL_AUDIENCES', `has the audience ${audience} alone`, `has ${given}`, advice);
  }
  if (found.verifiedByApiServerKeys !== false) return undefined;
  const keys = valueIn(facts.cluster.apiServer)?.keys ?? [];
  const what = `has the kid ${kid ?? 'none'}, and none of its keys (${keys.join(', ')}) verifies it`;
  const advice = 'give all API servers the same --service-account-key-file and signing key';
  return fault('TOKEN_NOT_VERIFIED', 'is verified by the keys of the API server', what, advice);
}
