import { awsExplanations } from '../doctor/explanations/aws/aws-explanations.ts';
import { clusterExplanations } from '../doctor/explanations/cluster/cluster-explanations.ts';
import type { Explanations } from '../doctor/explanations/explanation.ts';
import { issuerExplanations } from '../doctor/explanations/issuer/issuer-explanations.ts';
import { LINK_IDS, type LinkId } from '../doctor/link-ids.ts';
import { compareText } from '../lib/text/compare.ts';

/** Subject of each link, as a question to which `ok` is the answer "yes". */
const QUESTIONS: Readonly<Record<LinkId, string>> = {
  annotation: 'Does the ServiceAccount name a role?',
  webhook: 'Would a new pod of this ServiceAccount be changed by the webhook?',
  pod: 'Does the pod have what the webhook adds: token volume, mounts and variables?',
  source: 'Does the SDK of each container use the role, and no other credentials before it?',
  token: 'Is the token one that STS can accept?',
  'api-audience': 'Does the API server refuse the token as a login?',
  issuer: 'Is the issuer an address that STS can reach?',
  discovery: 'Does the issuer serve a discovery document?',
  keys: 'Does the issuer serve the key that signed the token?',
  certificate: 'Does AWS trust the certificate of the issuer?',
  provider: 'Does IAM have an OIDC provider for the issuer and the audience?',
  role: 'Does the role exist?',
  'trust-policy': 'Does the role trust this ServiceAccount?',
  duration: 'Does the role allow sessions as long as the pod asks for?',
  exchange: 'Does STS give a session for the token?',
  permissions: 'Is the role allowed to do anything?',
  target: 'May the role of the pods assume their target role?',
};

/** Every finding by its code. */
const EXPLANATIONS: Explanations = { ...clusterExplanations, ...issuerExplanations, ...awsExplanations };

/** Every code of the page. */
export const findingCodes: readonly string[] = Object.keys(EXPLANATIONS);

interface Entry {
  readonly code: string;
  readonly explanation: Explanations[string];
}

/** Returns docs/troubleshooting.md: every finding of `podrole doctor` by link, and by the text of errors. */
export function renderTroubleshootingPage(): string {
  const entries = LINK_IDS.flatMap(entriesOf);
  return `${[...HEAD, '', ...drawing(), '', ...errorTable(entries), ...LINK_IDS.flatMap(renderLink)].join('\n')}\n`;
}

const HEAD = [
  '# Troubleshooting: why does a pod not get its role?',
  '',
  'Generated from the code; `UPDATE_GOLDEN=1 npm test` writes it again.',
  'Run `podrole doctor -n NAMESPACE pod/NAME` first: it follows the chain and names the first broken link with',
  'the command that repairs it ([doctor.md](doctor.md)). The codes below are those that it prints in brackets.',
  'Without podrole at hand, search this page for the text of your error.',
];

function entriesOf(link: LinkId): readonly Entry[] {
  return Object.entries(EXPLANATIONS)
    .filter(([, explanation]) => explanation.link === link)
    .map(([code, explanation]) => ({ code, explanation }));
}

/** The chain in Mermaid, from the annotation to AWS. */
function drawing(): readonly string[] {
  const [issuer, provider] = [LINK_IDS.indexOf('issuer'), LINK_IDS.indexOf('provider')];
  const groups: readonly (readonly [title: string, links: readonly LinkId[]])[] = [
    ['In the cluster', LINK_IDS.slice(0, issuer)],
    ['What STS fetches', LINK_IDS.slice(issuer, provider)],
    ['In AWS', LINK_IDS.slice(provider)],
  ];
  return [
    '```mermaid',
    'flowchart TB',
    ...groups.flatMap(([title, links], at) => [
      `    subgraph part${at}["${title}"]`,
      '        direction LR',
      `        ${links.map((id) => `link${LINK_IDS.indexOf(id)}["${titleOf(id)}"]`).join(' --> ')}`,
      '    end',
    ]),
    `    ${groups.map((_, at) => `part${at}`).join(' --> ')}`,
    '```',
  ];
}

function titleOf(link: LinkId): string {
  return link.replaceAll('-', ' ');
}

function errorTable(entries: readonly Entry[]): readonly string[] {
  const byText = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const text of entry.explanation.errors) byText.set(text, [...(byText.get(text) ?? []), entry]);
  }
  const rows = [...byText]
    .sort(([one], [other]) => compareText(one.toLowerCase(), other.toLowerCase()))
    .map(([text, found]) => `| ${codeSpan(text)} | ${causes(found).join('<br>')} |`);
  return [
    '## By the text of the error',
    '',
    'STS does not say which link is broken: one text often has several causes. They stand in the order of the chain.',
    '',
    '| error | may be |',
    '|---|---|',
    ...rows,
  ];
}

/** More entries of one link than this are named by their link. */
const MOST_OF_LINK = 3;

function causes(found: readonly Entry[]): readonly string[] {
  return LINK_IDS.flatMap((link) => {
    const ofLink = found.filter(({ explanation }) => explanation.link === link);
    return ofLink.length > MOST_OF_LINK
      ? [`[${titleOf(link)}](#link-${link}): one of ${ofLink.length} findings`]
      : ofLink.map(linkTo);
  });
}

function linkTo({ code, explanation }: Entry): string {
  return `[${inCell(explanation.title)}](#${code.toLowerCase()})`;
}

function renderLink(link: LinkId): readonly string[] {
  const entries = entriesOf(link);
  const head = ['', `## Link: ${titleOf(link)}`, '', QUESTIONS[link]];
  return entries.length === 0 ? head : [...head, ...entries.flatMap(renderEntry)];
}

/** The heading is the code, so that its anchor never changes with the words. */
function renderEntry({ code, explanation }: Entry): readonly string[] {
  const { title, errors, happened, remedy } = explanation;
  const seen = errors.length === 0 ? [] : ['', `Seen as: ${errors.map(codeSpan).join(', ')}`];
  return ['', `### ${code}`, '', `**${title}.** ${happened}`, ...seen, '', `*To do:* ${remedy}`];
}

/** Code in a cell of a table, whatever it holds. */
function codeSpan(text: string): string {
  return text.includes('`') ? `\`\` ${inCell(text)} \`\`` : `\`${inCell(text)}\``;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
