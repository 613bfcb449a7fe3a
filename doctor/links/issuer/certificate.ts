import { shellWord } from '../../../lib/text/shell-word.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ChainOfIssuer, IssuerFacts } from '../../facts/issuer-facts.ts';
import { quoted } from './evidence/quoted.ts';
import { faultAt, isAwsAccount, isPrivateSts } from './evidence/sts-side.ts';
import { judgeValidity } from './judge-validity.ts';

const findings = findingsOf('certificate');

/**
 * Judges the certificates that the host of the issuer serves. For a CA that AWS trusts, IAM ignores
 * thumbprints; for any other one, a thumbprint of the provider must be that of a served certificate.
 */
export const certificate: Link = {
  id: 'certificate',
  title: 'certificate of the issuer',
  needs: ['issuer'],
  judge: (facts) => [judge(facts)],
};

const OBJECT = 'certificate of the issuer';

function judge(facts: ChainFacts): Finding {
  const { issuer } = facts;
  if (!issuer) return findings.unknown(OBJECT, { state: 'not asked', why: 'the issuer is not known' });
  const object = `certificate of ${quoted(issuer.url)}`;
  const { chain } = issuer;
  if (chain.state !== 'read') return findings.unknown(object, chain);
  const invalid = judgeValidity(object, issuer.url, chain.value, facts.collectedAt);
  if (invalid?.isFatal) return faultAt(findings, facts)(invalid.code, invalid.trouble);
  if (invalid) return findings.warning(invalid.code, invalid.trouble);
  if (chain.value.isPublic) {
    return findings.ok(object, 'is issued by a public CA: IAM ignores thumbprints', served(chain.value));
  }
  return judgeThumbprints(object, issuer, chain.value, facts);
}

function judgeThumbprints(
  object: string,
  issuer: IssuerFacts,
  chain: ChainOfIssuer,
  facts: ChainFacts,
): Finding {
  const { provider } = facts.aws;
  const ofKeys = isPrivateSts(facts) ? (issuer.keys ?? []).flatMap(({ thumbprints }) => thumbprints) : [];
  const accepted = new Set([...chain.certificates.map(({ thumbprint }) => thumbprint), ...ofKeys]);
  if (issuer.isProxied) {
    const why = 'a proxy of this machine leads to it, and its certificate may be seen here';
    return findings.unknown(object, { state: 'not asked', why });
  }
  if (provider.state === 'absent' || (provider.state === 'read' && provider.value.thumbprints.length === 0)) {
    return privateCa(object, chain, 'no thumbprint of it is in IAM yet', issuer);
  }
  if (provider.state !== 'read') {
    return isAwsAccount(facts)
      ? findings.unknown(`thumbprints of the OIDC provider, which the ${object} must match`, provider)
      : privateCa(object, chain, 'your STS must trust that CA', issuer);
  }
  if (provider.value.thumbprints.some((thumbprint) => accepted.has(thumbprint.toLowerCase()))) {
    const match = 'is issued by your own CA, and a thumbprint of the OIDC provider matches';
    return findings.ok(object, match, served(chain));
  }
  const report = isAwsAccount(facts) ? faultAt(findings, facts) : findings.warning;
  const isIncomplete = seemsIncomplete(chain);
  return report(isIncomplete ? 'CERTIFICATE_INCOMPLETE' : 'CERTIFICATE_THUMBPRINT', {
    object,
    expected: 'is issued by a public CA, or has a thumbprint of the OIDC provider',
    found: isIncomplete
      ? 'is served without the certificate of its CA, and no thumbprint of the OIDC provider matches'
      : 'is not issued by a public CA, and no thumbprint of the OIDC provider matches',
    remedy: {
      text: isIncomplete
        ? 'serve the whole chain, the intermediate certificates included; if the CA is your own, add the thumbprint to the OIDC provider'
        : 'add the thumbprint of the served chain to the OIDC provider',
      commands: [ensureProvider(issuer)],
    },
    details: [...served(chain), ...provider.value.thumbprints.map((print) => `in IAM: ${quoted(print)}`)],
  });
}

function privateCa(object: string, chain: ChainOfIssuer, found: string, issuer: IssuerFacts): Finding {
  return findings.warning('CERTIFICATE_PRIVATE_CA', {
    object,
    expected: 'is issued by a public CA, or has a thumbprint of the OIDC provider',
    found: `is not issued by a public CA, and ${found}`,
    remedy: {
      text: 'create the OIDC provider with the thumbprint of the served chain, or use a certificate of a public CA',
      commands: [ensureProvider(issuer)],
    },
    details: served(chain),
  });
}

function ensureProvider({ url }: IssuerFacts): string {
  return `podrole provider ensure --issuer ${shellWord(url)} --approve`;
}

/** OpenSSL lacks the issuer of a certificate, and the host serves nothing but its own certificate. */
function seemsIncomplete({ certificates, problemCode }: ChainOfIssuer): boolean {
  const [leaf] = certificates;
  const isAlone = certificates.length === 1 && leaf !== undefined && leaf.subject !== leaf.issuer;
  return isAlone && /^UNABLE_TO_(?:VERIFY_LEAF|GET_ISSUER)/.test(problemCode ?? '');
}

function served({ certificates }: ChainOfIssuer): readonly string[] {
  return certificates.map(
    ({ subject, thumbprint }) => `served: ${quoted(subject)}, thumbprint ${thumbprint}`,
  );
}
