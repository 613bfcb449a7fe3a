import { IAM_OIDC_PROVIDER } from '../../../lib/contract/iam.ts';
import { nearestName } from '../../../lib/text/nearest-name.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { ensureProvider } from '../remedies/commands.ts';
import { nearProviders } from './near-providers.ts';
import { NO_ISSUER, NO_ROLE, otherAccountRemedy, type Terms, termsOf } from './terms.ts';

const { ok, broken, unknown } = findingsOf('provider');

/** Judges whether IAM has an OIDC provider for the issuer that accepts the audience of the token. */
export const provider: Link = {
  id: 'provider',
  title: 'OIDC provider',
  needs: ['annotation', 'issuer'],
  judge: (facts) => [judge(facts)],
};

function judge(facts: ChainFacts): Finding {
  const terms = termsOf(facts);
  if (!terms) return unknown('OIDC provider', NO_ROLE);
  const { issuer, audience, entry } = terms;
  if (issuer === undefined || !entry) return unknown('OIDC provider', NO_ISSUER);
  const object = `OIDC provider ${entry.providerArn}`;
  const reading = facts.aws.provider;
  if (reading.state === 'absent') return missing(facts, terms, issuer, object);
  if (reading.state !== 'read') {
    const remedy = otherAccountRemedy(facts, terms);
    return { ...unknown(object, reading), ...(remedy && { remedy }) };
  }
  const { clientIds } = reading.value;
  return clientIds.includes(audience)
    ? ok(object, `exists, with the client ID ${audience}`)
    : lacksAudience({ issuer, audience, object, clientIds });
}

function missing(facts: ChainFacts, { audience, role }: Terms, issuer: string, object: string): Finding {
  const arns = facts.aws.providerArns.state === 'read' ? facts.aws.providerArns.value : [];
  const near = nearProviders(issuer, arns);
  const expected = `exists in account ${role.account} for exactly the issuer ${issuer}`;
  const commands = [ensureProvider(issuer, audience)];
  if (near.length === 0) {
    const count = arns.length === 1 ? 'one other provider' : `${arns.length} other providers`;
    return broken('PROVIDER_MISSING', {
      object,
      expected,
      found: arns.length === 0 ? 'does not exist' : `does not exist; the account has ${count}`,
      remedy: { text: 'create the provider', commands },
    });
  }
  return broken('PROVIDER_NEAR_MISS', {
    object,
    expected,
    found: `does not exist; ${near.join(', ')} is almost the same, and for STS another issuer`,
    remedy: { text: 'create the provider; delete the other one if no cluster uses it', commands },
    details: near.map((arn) => `IAM has ${arn}`),
  });
}

interface LackingAudience {
  readonly issuer: string;
  readonly audience: string;
  readonly object: string;
  readonly clientIds: readonly string[];
}

function lacksAudience({ issuer, audience, object, clientIds }: LackingAudience): Finding {
  const near = nearestName(audience, clientIds, 2);
  const isFull = clientIds.length >= IAM_OIDC_PROVIDER.maxClientIds;
  return broken('PROVIDER_LACKS_AUDIENCE', {
    object,
    expected: `has the audience ${audience} of the token among its client IDs`,
    found: `has ${clientIds.length === 0 ? 'no client ID' : `the client IDs ${clientIds.slice(0, 5).join(', ')}`}${clientIds.length > 5 ? ` and ${clientIds.length - 5} more` : ''}`,
    remedy: {
      text: isFull ? 'remove a client ID that no token uses, then add this one' : 'add the client ID',
      commands: [ensureProvider(issuer, audience)],
    },
    details: near === undefined ? [] : [`${near} is almost the same; STS compares every character`],
  });
}
