import { DISCOVERY_PATH } from '../../../lib/contract/sts.ts';
import { belowIssuer } from '../../../lib/issuer.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import { documentAt, judgeFetch } from './evidence/judge-fetch.ts';
import { worstFirst } from './evidence/worst-first.ts';
import { judgeDiscovery } from './judge-discovery.ts';

const findings = findingsOf('discovery');

/** Judges the discovery document, fetched as STS fetches it. */
export const discovery: Link = {
  id: 'discovery',
  title: 'discovery document',
  needs: ['issuer'],
  judge(facts) {
    const { issuer } = facts;
    if (!issuer) {
      const why = 'the issuer is not known';
      return [findings.unknown('discovery document', { state: 'not asked', why })];
    }
    const url = belowIssuer(issuer.url, DISCOVERY_PATH);
    const object = documentAt('discovery document', url);
    const { answer, found } = judgeFetch(object, issuer.discovery, { name: 'DISCOVERY', findings, facts });
    const content = answer?.json ? judgeDiscovery(answer.json, { object, issuer, facts, findings }) : [];
    const [first, ...others] = worstFirst([...found, ...content]);
    if (first) return [first, ...others];
    return [findings.ok(object, `names this issuer and its key set, in ${answer?.tookMs ?? 0} ms`)];
  },
};
