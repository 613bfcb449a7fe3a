import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { describeServiceAccount } from './chain-parts.ts';

const { ok, warning, unknown } = findingsOf('api-audience');

/** Judges whether a token for AWS would be a login to the cluster as well. */
export const apiAudience: Link = {
  id: 'api-audience',
  title: 'audiences of the API server',
  needs: ['token'],
  judge: (facts) => {
    const { apiServerAcceptsToken } = facts.cluster;
    const audience = audienceOf(facts);
    const object = 'API server';
    if (apiServerAcceptsToken.state !== 'read') return [unknown(object, apiServerAcceptsToken)];
    if (!apiServerAcceptsToken.value) return [ok(object, `refuses tokens for ${audience}`)];
    return [
      warning('AUDIENCE_OPENS_API_SERVER', {
        object,
        expected: `refuses tokens for ${audience}`,
        found: `accepts the token of ${describeServiceAccount(facts)} for ${audience} as a login`,
        remedy: {
          text: `remove ${audience} from --api-audiences of the API server, or give the ServiceAccount another audience`,
          commands: [],
        },
      }),
    ];
  },
};

function audienceOf({ cluster, grant, settings }: ChainFacts): string {
  return valueIn(cluster.token)?.audiences[0] ?? grant?.audience ?? settings.tokenAudience;
}
