import type { Paint } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Finding } from '../chain/finding.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { JudgedChain } from '../judge/verdict.ts';
import { linkTitle, renderFinding, renderLine, saysMore } from './render-finding.ts';
import { wrap } from './wrap.ts';

/**
 * Renders a chain for a person: the link that has to be repaired first, then a line per link, then what else
 * needs attention, and the credentials that each container takes.
 */
export function renderChain(chain: JudgedChain, paint: Paint): string {
  return [
    renderCause(chain, paint),
    '\n',
    ...worstOfEach(chain.findings).map((finding) => renderLine(finding, paint)),
    ...renderOthers(chain, paint),
    renderSources(chain.findings, paint),
    `\n${renderVerdict(chain)}`,
  ].join('');
}

/** Renders one of several chains: only what needs attention. */
export function renderTroubles(chain: JudgedChain, paint: Paint): string {
  const verdict = chain.verdict === 'broken' ? '' : `\n${renderVerdict(chain)}`;
  return [renderCause(chain, paint), ...renderOthers(chain, paint), verdict].join('');
}

/** Returns what the chain is about, and its first broken link. */
function renderCause({ facts, firstBroken }: JudgedChain, paint: Paint): string {
  return [
    `${paint('heading', describeChain(facts))}\n`,
    facts.grant ? wrap('  role  ', printable(facts.grant.roleArn)) : '',
    firstBroken ? `\n${renderFinding(firstBroken, paint)}` : '',
  ].join('');
}

function renderOthers({ findings, firstBroken }: JudgedChain, paint: Paint): readonly string[] {
  return withoutRepeats(findings)
    .filter((finding) => finding !== firstBroken && saysMore(finding))
    .map((finding) => `\n${renderFinding(finding, paint)}`);
}

/** `pod shop/web-0, ServiceAccount web, container fluentd` */
function describeChain({ subject, serviceAccountName, container }: ChainFacts): string {
  const { kind, namespace, name } = subject;
  const object = kind === 'serviceaccount' ? 'ServiceAccount' : kind;
  const account = kind === 'serviceaccount' ? '' : `, ServiceAccount ${serviceAccountName}`;
  const own = container === undefined ? '' : `, container ${container}`;
  return printable(`${object} ${namespace}/${name}${account}${own}`);
}

/** The first finding of a link is its worst. */
function worstOfEach(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ link }, at) => findings[at - 1]?.link !== link);
}

/** Without AWS credentials, many links are unknown for one reason: their lines say so, and one says more. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const said = new Set<string>();
  return findings.filter((finding) => {
    const { state, remedy: { text } = {} } = finding;
    if (state !== 'unknown' || text === undefined) return true;
    const isNew = !said.has(text);
    said.add(text);
    return isNew;
  });
}

/** The details of a link that is not in order are printed with it. */
function renderSources(findings: readonly Finding[], paint: Paint): string {
  const details = findings.flatMap((finding) =>
    finding.link === 'source' && finding.state === 'ok' ? finding.details : [],
  );
  if (details.length === 0) return '';
  const head = paint('heading', 'credentials that each container takes');
  return [`\n${head}\n`, ...details.map((detail) => wrap('  ', detail))].join('');
}

function renderVerdict({ verdict, firstBroken, facts }: JudgedChain): string {
  const { namespace } = facts.subject;
  if (verdict === 'broken' && firstBroken)
    return wrap('', `broken at: ${linkTitle(firstBroken.link)}. Run this command again after the repair.`);
  const pods = printable(`pods of ServiceAccount ${namespace}/${facts.serviceAccountName}`);
  if (verdict === 'healthy')
    return wrap('', `healthy: ${pods} get ${printable(facts.grant?.roleArn ?? 'their role')}`);
  return wrap('', `not known: too little could be read to say that ${pods} get their role`);
}
