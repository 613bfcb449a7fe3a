import type { Piece } from './pieces.ts';

interface Rule {
  readonly phrase: RegExp;
  /** Better form, for the report. */
  readonly better: string;
  /** Kinds of pieces that the rule is for; all of them if it is left out. */
  readonly only?: Piece['kind'];
}

/** Nouns after which people leave out "per": `one file a command`. */
const COUNTED =
  'account|address|answer|call|certificate|command|document|endpoint|entry|error|fetch|file|folder|headline|key|line|name|object|page|pod|port|process|request|role|rule|section|session|test|token|value';

/** Good English also goes on like this after "is no": "is no longer", "is no reason to stop". */
const AFTER_NO =
  'longer|more|less|worse|better|such|different|one|reason|concern|help|accident|matter|trouble|use|telling';

const TIME = 'second|minute|hour|day|week|month|year|time';

/** The part of the house style that a program can check. A rule that finds good English is a wrong rule. */
const RULES: readonly Rule[] = [
  {
    phrase: new RegExp(`(?<!\\bthere )\\b(?:is|are|was|were) no (?!(?:${AFTER_NO})\\b)[a-z]+`, 'gi'),
    better: 'is not a ...',
  },
  { phrase: /\b(?:that|which|who) (?:is|are|was|were) none\b(?! of)/gi, better: 'that is not one' },
  { phrase: /\ba text\b(?! (?:file|editor)\b)/gi, better: 'a string' },
  { phrase: /\banew\b/gi, better: 'again' },
  { phrase: /\b(?:to|can't|cannot) be had\b/gi, better: 'available' },
  { phrase: /\bmend(?:s|ed|ing)?\b/gi, better: 'fix, correct' },
  { phrase: /\bshall\b/gi, better: 'must, or the present tense' },
  { phrase: /\bcan not\b(?! only)/gi, better: 'cannot' },
  {
    phrase: new RegExp(`\\bone (?:${COUNTED}) an? (?!(?:${TIME})\\b)[a-z]+`, 'gi'),
    better: 'one ... per ...',
  },
  { phrase: /[\u2018\u2019\u201c\u201d]/g, better: 'a straight apostrophe or quotation mark' },
  {
    phrase: /^\s*(?:What|Whether|Why|Where|How|When)\b/g,
    better: 'a noun phrase or a verb in the third person',
    only: 'doc comment',
  },
];

const MAX_LINE_LENGTH = 110;

export interface Finding {
  readonly line: number;
  readonly phrase: string;
  readonly better: string;
}

interface Match extends Omit<Finding, 'line'> {
  /** Offset in the file. */
  readonly at: number;
}

/** Returns what the rules find in the pieces of a file, in the order of the lines. */
export function findBadEnglish(source: string, pieces: readonly Piece[]): readonly Finding[] {
  const found = pieces.flatMap(({ kind, start, text }): readonly Match[] => {
    const { flat, offsets } = flatten(text);
    return RULES.filter(({ only }) => only === undefined || only === kind).flatMap(({ phrase, better }) =>
      [...flat.matchAll(phrase)].map((match) => ({
        at: start + (offsets[match.index] ?? 0),
        phrase: match[0].trim(),
        better,
      })),
    );
  });
  return [...found, ...longComments(source, pieces)]
    .sort((one, other) => one.at - other.at)
    .map(({ at, phrase, better }) => ({ line: lineAt(source, at), phrase, better }));
}

/** Joins lines, since a phrase may go on in the next one. Each character has its offset in the text. */
function flatten(text: string): { readonly flat: string; readonly offsets: readonly number[] } {
  let flat = '';
  const offsets: number[] = [];
  for (const { 0: part, index } of text.matchAll(/\s+|\S+/g)) {
    const shown = part.trim() === '' ? ' ' : part;
    flat += shown;
    for (let at = 0; at < shown.length; at += 1) offsets.push(index + at);
  }
  return { flat, offsets };
}

/** Comments beyond the line length of the formatter. One that holds a URL cannot be shorter. */
function longComments(source: string, pieces: readonly Piece[]): readonly Match[] {
  const isComment = (offset: number) =>
    pieces.some(
      ({ kind, start, text }) => kind.endsWith('comment') && start < offset && offset <= start + text.length,
    );
  let end = -1;
  return source.split('\n').flatMap((line) => {
    end += line.length + 1;
    return line.length > MAX_LINE_LENGTH && isComment(end) && !line.includes('://')
      ? [{ at: end - line.length, phrase: `${line.length} characters`, better: `at most ${MAX_LINE_LENGTH}` }]
      : [];
  });
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
