import { ADMISSION_WARNING_MAX_LENGTH } from '../lib/contract.ts';
import { describeFault, type Fault } from '../lib/errors.ts';

const MAX_LENGTH = ADMISSION_WARNING_MAX_LENGTH - 1;
/** Of an object's name this much stays readable in any case. */
const OBJECT_MIN_LENGTH = 60;
const VALUE_MAX_LENGTH = 60;

/**
 * An admission warning: one line of printable ASCII, shorter than what the API server passes on whole. Where it would be longer,
 * the object's name gives way first, then the problem; the remedy, which must be short, stays.
 */
export function warningLine(warning: Omit<Fault, 'code'>): string {
  const [object, problem, remedy] = [printable(warning.object), printable(warning.problem), warning.remedy];
  const frame = ': '.length + '; '.length + remedy.length;
  const shortObject = cut(object, Math.max(OBJECT_MIN_LENGTH, MAX_LENGTH - frame - problem.length));
  const shortProblem = cut(problem, MAX_LENGTH - frame - shortObject.length);
  return describeFault({ code: '', object: shortObject, problem: shortProblem, remedy });
}

/** A value in quotes, shortened, for a warning. */
export function quote(value: string): string {
  return `"${cut(JSON.stringify(printable(value)).slice(1, -1), VALUE_MAX_LENGTH)}"`;
}

function printable(text: string): string {
  return text.replace(/\r?\n/g, ' ').replace(/[^ -~]/g, '?');
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}
