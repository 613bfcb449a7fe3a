import { RE2JS, RE2JSException } from 're2js';
import { ROLE_MAX_LENGTH } from '../rule-limits.ts';
import { shownText } from '../shown-text.ts';

/** Longest expression, in characters. */
const EXPRESSION_MAX_LENGTH = 1_024;

/** Largest program of one expression, in instructions. */
const PROGRAM_MAX_SIZE = 1_000;

/**
 * Most steps of all matches of one rule: instructions of the program times characters of the role. The worst
 * program takes some 0.5 µs for a step, so a rule takes at most 250 ms.
 */
export const MATCH_MAX_STEPS = 500_000;

/**
 * Most classes and characters beyond ASCII in one expression. No role of AWS needs one, and compiling
 * `(?i)[B-𞤀]` alone takes some 15 ms.
 */
const WIDE_MAX_COUNT = 4;
const WIDE = /\\[pP]|\\x\{|[^\0-\x7f]/gu;
/** Steps that compiling one of these counts as. */
const WIDE_STEPS = 30_000;

/**
 * Bound of what compiling may build before its size is known: length of the expression times its counts
 * (`{1000}`). RE2 refuses nested counts beyond 1,000.
 */
const EXPANDED_MAX_SIZE = 20_000;
const NESTED_COUNTS_MAX = 1_000;

/** Answers that are kept: about 3 MB at most. Compiled programs are not, since each can take 8 MB. */
const KEPT_ANSWERS = 512;

export interface ExpressionAnswer {
  readonly matches: boolean;
  /** Reason to refuse the expression: the rest of a sentence that begins with it. */
  readonly problem?: string;
  /** Work of compiling and matching, in steps; 0 if a limit refused the expression before. */
  readonly steps: number;
}

const kept = new Map<string, ExpressionAnswer>();

/**
 * Matches strings against a regular expression of a tenant, in RE2's syntax, as Go has it, in linear time.
 * @param part `whole`: the expression must match a string from end to end
 * @returns matches: true if one of the strings matches
 */
export function expressionMatches(
  expression: string,
  texts: readonly string[],
  part: 'whole' | 'part',
): ExpressionAnswer {
  const long = whyTooLong(expression, texts);
  if (long) return { matches: false, problem: long, steps: 0 };
  const key = JSON.stringify([part, expression, texts]);
  const known = kept.get(key);
  if (known) return known;
  const answer = answerOf(expression, texts, part);
  if (kept.size >= KEPT_ANSWERS) kept.delete(kept.keys().next().value ?? '');
  kept.set(key, answer);
  return answer;
}

function whyTooLong(expression: string, texts: readonly string[]): string | undefined {
  if (expression.length > EXPRESSION_MAX_LENGTH) return `is longer than ${EXPRESSION_MAX_LENGTH} characters`;
  if (texts.some((text) => text.length > ROLE_MAX_LENGTH)) {
    return `is compared with a role of more than ${ROLE_MAX_LENGTH} characters`;
  }
  if (wideCount(expression) > WIDE_MAX_COUNT) {
    return `has more than ${WIDE_MAX_COUNT} classes or characters beyond ASCII, such as \\pL`;
  }
  let counts = 1;
  for (const [, least = '', most = ''] of expression.matchAll(/\{(\d{0,9}),?(\d{0,9})/g)) {
    counts = Math.min(NESTED_COUNTS_MAX, counts * Math.max(1, Number(least) + 1, Number(most)));
  }
  return expression.length * counts > EXPANDED_MAX_SIZE ? TOO_LARGE : undefined;
}

const TOO_LARGE = 'has too many or too large counts such as {64}';

function wideCount(expression: string): number {
  return expression.match(WIDE)?.length ?? 0;
}

function answerOf(expression: string, texts: readonly string[], part: 'whole' | 'part'): ExpressionAnswer {
  try {
    const compiled = RE2JS.compile(expression);
    const size = compiled.programSize();
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const steps = size * characters + wideCount(expression) * WIDE_STEPS;
    if (size > PROGRAM_MAX_SIZE) return { matches: false, problem: TOO_LARGE, steps };
    if (steps > MATCH_MAX_STEPS) {
      return { matches: false, problem: 'takes too long for a role of this length', steps };
    }
    const matches = texts.some((text) => (part === 'whole' ? compiled.matches(text) : compiled.test(text)));
    return { matches, steps };
  } catch (thrown) {
    if (!(thrown instanceof RE2JSException)) throw thrown;
    // It repeats the expression.
    const reason = shownText(thrown.message.replace(/^error parsing regexp: /, ''));
    return { matches: false, problem: `is not a regular expression of RE2 (${reason})`, steps: 0 };
  }
}
