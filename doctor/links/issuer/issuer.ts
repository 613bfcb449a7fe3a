import { type IssuerVerdict, judgeIssuer } from '../../../oidc/verify/judge-issuer.ts';
import { isPublicAddress } from '../../../oidc/verify/public-address.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import { quoted } from './evidence/quoted.ts';
import { faultAt, isAwsAccount, isPrivateSts, isProven } from './evidence/sts-side.ts';

const findings = findingsOf('issuer');

/** Judges the URL of the issuer: whether IAM accepts it, and STS may reach its host. */
export const issuer: Link = {
  id: 'issuer',
  title: 'issuer',
  needs: [],
  judge: (facts) => [judge(facts)],
};

const CODE = {
  invalid: 'ISSUER_INVALID',
  iam: 'ISSUER_REFUSED_BY_IAM',
  'in cluster': 'ISSUER_IN_CLUSTER',
  private: 'ISSUER_PRIVATE',
} as const;

const EXPECTED = 'is an https URL without port, query and fragment, whose host STS reaches';
const REMEDY = {
  text: 'start every kube-apiserver with a public https URL as the first --service-account-issuer, and this one as the second; docs/issuer.md and podrole up say where. Then restart the pods',
  commands: [],
};

function judge(facts: ChainFacts): Finding {
  const { issuer: found } = facts;
  if (!found) return unknown(facts);
  const object = `issuer ${quoted(found.url)}`;
  const isKnownToIam = facts.aws.provider.state === 'read';
  const verdict = judgeIssuer(found.url, {
    allowPort: !isAwsAccount(facts) || isKnownToIam || isProven(facts),
    allowPrivate: true,
  });
  if (verdict?.kind === 'invalid' || verdict?.kind === 'iam') {
    return findings.broken(CODE[verdict.kind], {
      ...{ object, expected: EXPECTED, found: verdict.problem, remedy: REMEDY },
    });
  }
  const hidden = verdict ?? hiddenHost(found);
  const unreachable = hidden?.kind === 'private' && found.connectedTo !== undefined ? undefined : hidden;
  if (unreachable && !isProven(facts)) {
    const report = isPrivateSts(facts) ? findings.warning : findings.broken;
    return report(CODE[unreachable.kind], {
      ...{ object, expected: EXPECTED, found: unreachable.problem },
      remedy: isPrivateSts(facts)
        ? { text: 'check that your STS reaches this host, or choose a host that it reaches', commands: [] }
        : REMEDY,
    });
  }
  if (isPublishedWithoutSlash(found)) {
    return faultAt(findings, facts)('ISSUER_SPELLING', {
      ...{ object, expected: 'is the issuer that its discovery document names' },
      found: 'ends in a slash, and its discovery document names the issuer without it',
      remedy: {
        text: 'start every kube-apiserver with the issuer without the slash as the first --service-account-issuer, and this one as the second; docs/issuer.md says where. Then restart the pods',
        commands: [],
      },
    });
  }
  const oddity = oddityOf(found.url);
  if (oddity !== undefined && !isProven(facts)) {
    return findings.warning('ISSUER_SPELLING', {
      ...{ object, expected: 'is written the same everywhere', found: oddity },
      remedy: {
        text: 'write it the same, character by character, in the API server, in both documents and in IAM; or choose a plain one',
        commands: [],
      },
    });
  }
  return findings.ok(
    object,
    hidden ? `is accepted, although it ${hidden.problem}` : 'is a URL that IAM accepts',
    found.connectedTo === undefined ? [] : [`checked at ${found.connectedTo}, as you asked`],
  );
}

function unknown({ cluster: { token, apiServer } }: ChainFacts): Finding {
  for (const reading of [token, apiServer]) {
    if (reading.state !== 'read') return findings.unknown('issuer of the tokens', reading);
  }
  return findings.unknown('issuer of the tokens', { state: 'not asked', why: 'no token names one' });
}

/** Returns why AWS does not reach a host: by its name, or by the addresses that this machine looked up. */
function hiddenHost({ url, addresses }: IssuerFacts): IssuerVerdict | undefined {
  const byName = judgeIssuer(url, { allowPort: true, allowPrivate: false });
  if (byName || addresses.state !== 'read') return byName;
  const hidden = addresses.value.filter((address) => !isPublicAddress(address));
  return hidden.length > 0 && hidden.length === addresses.value.length
    ? { kind: 'private', problem: `has the address ${hidden.join(', ')} here, which AWS STS cannot reach` }
    : undefined;
}

/** The discovery document of both is at the same address. */
function isPublishedWithoutSlash({ url, discovery }: IssuerFacts): boolean {
  if (!url.endsWith('/') || discovery.state !== 'read' || !('status' in discovery.value)) return false;
  return discovery.value.json?.['issuer'] === url.slice(0, -1);
}

/** Returns what is easily written otherwise elsewhere: every comparison is character by character. */
function oddityOf(url: string): string | undefined {
  const host = /^https:\/\/[^/]*/.exec(url)?.[0] ?? '';
  if (/[A-Z]/.test(host)) return 'has capital letters in its host, which some servers write small';
  if (url.endsWith('/')) return 'ends in a slash, which is easily left out elsewhere';
  if (/\s/.test(url)) return 'contains white space';
  return url.slice(host.length).includes('//') ? 'has two slashes in its path' : undefined;
}
