import { compareText } from '../../../lib/text/compare.ts';
import type { AuditedChain, AuditModel } from '../../audit/model.ts';
import type { Finding, FindingState } from '../../chain/finding.ts';
import {
  CHAIN_STATES,
  type ChainState,
  type LinkState,
  linkStates,
  shownState,
  stateOf,
} from '../chain-state.ts';
import { type Html, html } from '../html.ts';
import { LINK_LABELS, STATE_MARKS } from '../labels.ts';
import type { Places } from '../place.ts';
import { drawRemedy } from '../remedy.ts';

/** Broken chains that are open at first. */
const OPEN_UP_TO = 5;
/** Up to this number of chains, the page has the evidence of links that are in order too. */
const MAX_WITH_EVIDENCE = 400;

interface Drawn {
  readonly chain: AuditedChain;
  readonly state: ChainState;
  readonly isOpen: boolean;
  readonly hasEvidence: boolean;
}

/** Draws the chain of each ServiceAccount from left to right, the broken ones first. */
export function drawChains({ chains }: AuditModel, places: Places): Html {
  const hasEvidence = chains.length <= MAX_WITH_EVIDENCE;
  const byState = Map.groupBy(chains, stateOf);
  const sorted = CHAIN_STATES.flatMap((state) =>
    [...(byState.get(state) ?? [])].sort(byPlace).map((chain) => ({ chain, state })),
  );
  return html`<section id="chains"${hasEvidence ? undefined : html` class="brief"`} aria-labelledby="chains-heading">
<h2 id="chains-heading">Chains <span class="count" data-count="chain">${chains.length}</span></h2>
<p class="lead">The path of each role from the annotation to its permissions: ${CHAIN_STATES.map((state, index) => html`${index === 0 ? '' : ', '}<b class="mark ${state}">${byState.get(state)?.length ?? 0} ${state}</b>`)}. An audit makes no token and no live call, so the links that need one are skipped.${hasEvidence ? undefined : ' In a report of this size, links that are in order are named without their evidence, which podrole doctor prints.'}</p>
${sorted.map(({ chain, state }, index) =>
  drawChain({ chain, state, hasEvidence, isOpen: state === 'broken' && index < OPEN_UP_TO }, places),
)}</section>
`;
}

function byPlace(one: AuditedChain, other: AuditedChain): number {
  return compareText(placeOf(one), placeOf(other));
}

function placeOf({ cluster, namespace, serviceAccount, container = '' }: AuditedChain): string {
  return [cluster, namespace, serviceAccount, container].join('/');
}

function drawChain({ chain, state, isOpen, hasEvidence }: Drawn, places: Places): Html {
  const { cluster, namespace, serviceAccount, container, roleArn, findings } = chain;
  const links = linkStates(findings);
  const first = links.find((link) => link.state === state);
  const evidence = hasEvidence ? findings.filter((finding) => finding.state === 'ok') : [];
  return html`<details class="chain" data-f="chain" data-s="${state}"${places.attributes(cluster, namespace)}${isOpen ? html` open` : undefined}>
<summary><span class="who">${namespace}/<b>${serviceAccount}</b>${container === undefined ? undefined : html` <small>container ${container}</small>`}${places.cluster(cluster)}</span> <span class="strip" aria-hidden="true">${drawStrip(links)}</span> <span class="state ${state}">${state}${state === 'ok' || first === undefined ? undefined : html`: ${LINK_LABELS[first.id]}`}</span></summary>
<p class="arn">${roleArn}</p>
<ol class="links">${links.map(drawLink)}</ol>
${findings.filter(needsAttention).map(drawTrouble)}${
  evidence.length === 0
    ? undefined
    : html`<details class="evidence"><summary>What is in order</summary><ul>${evidence.map(drawEvidence)}</ul></details>`
}</details>
`;
}

/** One character per link, in runs of the same state. */
function drawStrip(links: readonly LinkState[]): Html {
  const runs: { state: FindingState; length: number }[] = [];
  for (const { state } of links) {
    const last = runs.at(-1);
    if (last?.state === state) last.length += 1;
    else runs.push({ state, length: 1 });
  }
  return html`${runs.map(({ state, length }) => html`<i class="${state}">${STATE_MARKS[state].repeat(length)}</i>`)}`;
}

function drawLink({ id, state }: LinkState): Html {
  return html`<li class="${state}">${LINK_LABELS[id]} <b>${state}</b></li>`;
}

function needsAttention(finding: Finding): boolean {
  const state = shownState(finding);
  return state === 'broken' || state === 'warning' || state === 'unknown';
}

function drawTrouble({ link, state, object, expected, found, remedy, details }: Finding): Html {
  return html`<div class="trouble ${state}"><p><b class="mark ${state}">${LINK_LABELS[link]}: ${state}</b> ${object} ${found}</p>${
    expected === '' ? undefined : html`<p class="expected">Expected: ${object} ${expected}</p>`
  }${details.length === 0 ? undefined : html`<ul>${details.map((detail) => html`<li>${detail}</li>`)}</ul>`}${
    remedy && drawRemedy(remedy)
  }</div>
`;
}

function drawEvidence({ link, object, found }: Finding): Html {
  return html`<li><b>${LINK_LABELS[link]}:</b> ${object} ${found}</li>`;
}
