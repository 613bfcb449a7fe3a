import type { Paint, Style } from '../../lib/text/paint.ts';
import type { Finding, FindingState } from '../chain/finding.ts';
import { LINKS } from '../judge/links.ts';
import { LINK_IDS, type LinkId } from '../link-ids.ts';
import { COLUMNS, cut, MAX_SHOWN, wrap } from './wrap.ts';

/** Words of the states: what needs a repair is in capitals, for those who see no colors. */
const MARKS: Readonly<Record<FindingState, string>> = {
  ok: 'ok',
  warning: 'warning',
  broken: 'BROKEN',
  skipped: 'skipped',
  unknown: 'unknown',
};
const STYLES: Readonly<Record<FindingState, Style>> = {
  ok: 'created',
  warning: 'changed',
  broken: 'alarm',
  skipped: 'minor',
  unknown: 'place',
};
const MARK_WIDTH = 9;
/** The longest name of a link, and a gap. */
const LINK_WIDTH = Math.max(...LINK_IDS.map((id) => id.length)) + 2;

export function linkTitle(id: LinkId): string {
  return LINKS.find((link) => link.id === id)?.title ?? id;
}

function paintedMark(state: FindingState, paint: Paint): string {
  return paint(STYLES[state], MARKS[state]).concat(' '.repeat(MARK_WIDTH - MARKS[state].length));
}

/** Columns that a line about a link has for its finding. */
const SAID_WIDTH = COLUMNS - MARK_WIDTH - LINK_WIDTH;

/**
 * Returns the line of a link: state, name, and what was found. That of a healthy link says all of it, on more
 * lines if it must: it stands nowhere else. Any other line is cut, since its finding is printed as a whole.
 */
export function renderLine(finding: Finding, paint: Paint): string {
  const { state, link } = finding;
  const said = state === 'ok' ? hanging(shortestOf(finding)) : cut(lineOf(finding), SAID_WIDTH);
  const rest = `${link.padEnd(LINK_WIDTH)}${said}`.trimEnd();
  return `${paintedMark(state, paint)}${state === 'skipped' ? paint('minor', rest) : rest}\n`;
}

/** The name of the link says what it is about, if the object leaves no space for what was found. */
function shortestOf(finding: Finding): string {
  const all = lineOf(finding);
  return all.length > SAID_WIDTH && finding.found !== '' ? finding.found : all;
}

/** Breaks a string into lines below the finding of a link. */
function hanging(text: string): string {
  const indent = ' '.repeat(COLUMNS - SAID_WIDTH);
  return wrap(indent, text).slice(indent.length);
}

/** Returns all that a finding says. Commands are not wrapped: each is a line to be copied. */
export function renderFinding(finding: Finding, paint: Paint): string {
  const { state, link, object, expected, found, remedy, details, code } = finding;
  const head = paint('heading', linkTitle(link)).concat(code === undefined ? '' : ` [${code}]`);
  return [
    `${paintedMark(state, paint)}${head}\n`,
    object === '' ? '' : `  ${cut(object, MAX_SHOWN)}\n`,
    expected === '' ? '' : wrap('    expected  ', expected),
    found === '' ? '' : wrap('    found     ', found),
    ...details.map((detail) => wrap('              ', detail)),
    remedy ? wrap('    to do     ', remedy.text) : '',
    ...(remedy && remedy.commands.length > 0
      ? ['\n', ...remedy.commands.map((command) => `      ${paint('place', command)}\n`)]
      : []),
  ].join('');
}

/** Returns true if a finding needs attention, and its line does not say all of it. */
export function saysMore(finding: Finding): boolean {
  const { state, remedy, details } = finding;
  if (state === 'ok' || state === 'skipped') return false;
  return (
    state !== 'unknown' || remedy !== undefined || details.length > 0 || lineOf(finding).length > SAID_WIDTH
  );
}

/** A finding that needs attention has its object further below. */
function lineOf({ object, found, state }: Finding): string {
  return state === 'ok' || found === '' ? `${object} ${found}`.trim() : found;
}
