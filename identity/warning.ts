import { ADMISSION_WARNING_MAX_LENGTH, ADMISSION_WARNINGS_MAX_TOTAL } from '../lib/contract/kubernetes.ts';
import { describeFault, type Fault } from '../lib/errors.ts';

const MAX_LENGTH = ADMISSION_WARNING_MAX_LENGTH - 1;
/** At least this much of an object's name stays readable. */
const OBJECT_MIN_LENGTH = 60;
const VALUE_MAX_LENGTH = 60;

/**
 * Returns an admission warning: one line of printable ASCII, short enough for the API server to pass it on
 * whole. If it would be too long, the object's name is cut first, then the problem. The remedy must be short,
 * and stays.
 */
export function warningLine(warning: Omit<Fault, 'code'>): string {
  const [object, problem, remedy] = [printable(warning.object), printable(warning.problem), warning.remedy];
  const frame = ': '.length + '; '.length + remedy.length;
  const shortObject = cut(object, Math.max(OBJECT_MIN_LENGTH, MAX_LENGTH - frame - problem.length));
  const shortProblem = cut(problem, MAX_LENGTH - frame - shortObject.length);
  return describeFault({ object: shortObject, problem: shortProblem, remedy });
}

/** Returns a value in quotes, shortened, for a warning; a URL without its credentials. */
export function quote(value: string): string {
  const shown = value.includes('://') ? withoutCredentials(value) : value;
  return `"${cut(JSON.stringify(printable(shown)).slice(1, -1), VALUE_MAX_LENGTH)}"`;
}

/** Returns the value that should be a URL without what may be a password, even if it is malformed. */
export function withoutCredentials(value: string): string {
  const end = value.lastIndexOf('@');
  if (end < 0) return value;
  const start = value.indexOf('://');
  return `${start < 0 || start > end ? '' : value.slice(0, start + 3)}...${value.slice(end)}`;
}

/**
 * Returns as many warnings as an admission response has room for. The last one reports how many were left
 * out.
 */
export function limitWarnings(warnings: readonly string[]): readonly string[] {
  const leftOut = (count: number) => `podrole: ${count} more warnings are left out; fix these first`;
  const room = ADMISSION_WARNINGS_MAX_TOTAL - leftOut(warnings.length).length;
  let total = 0;
  const end = warnings.findIndex((warning) => {
    total += warning.length;
    return total > room;
  });
  // Without that note there is a little more room, which the last warning may fill.
  if (end < 0 || (end === warnings.length - 1 && total <= ADMISSION_WARNINGS_MAX_TOTAL)) return warnings;
  return [...warnings.slice(0, end), leftOut(warnings.length - end)];
}

/** Looks only at what can end up in a warning: one long name may occur in a thousand warnings. */
function printable(text: string): string {
  return text
    .slice(0, 2 * MAX_LENGTH)
    .replace(/\r?\n/g, ' ')
    .replace(/[^ -~]/g, '?');
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}
