import { ADMISSION_WARNING_MAX_LENGTH } from '../lib/contract.ts';
import { describeFault, type Fault } from '../lib/errors.ts';

const OBJECT_MAX_LENGTH = 110;
const VALUE_MAX_LENGTH = 60;

/**
 * An admission warning: one line of printable ASCII, shorter than what the API server passes on whole.
 * What is too long to be read gives way first, so that the remedy stays.
 */
export function warningLine({ object, problem, remedy }: Omit<Fault, 'code'>): string {
  const line = describeFault({ code: '', object: cut(object, OBJECT_MAX_LENGTH), problem, remedy });
  return cut(line.replace(/\s+/g, ' ').replace(/[^ -~]/g, '?'), ADMISSION_WARNING_MAX_LENGTH - 1);
}

/** A value in quotes, shortened, for a warning. */
export function quote(value: string): string {
  return JSON.stringify(cut(value, VALUE_MAX_LENGTH));
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}
