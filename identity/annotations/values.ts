import { TOKEN_EXPIRATION_SECONDS } from '../../lib/contract/aws-webhook.ts';
import { parseGoBool, parseGoDurationMs, parseGoInt } from '../../lib/text/go-values.ts';
import { quote, warningLine } from '../warning.ts';
import { clampExpiration } from './token-expiration.ts';

/** An annotation of one object. */
export interface GivenAnnotation {
  /** The object, as warnings name it. */
  readonly object: string;
  readonly key: string;
  /** Undefined if the object does not have the annotation. */
  readonly value: string | undefined;
}

/** A value that was decided, and what is wrong with the annotations that were read for it. */
export interface Decided<T> {
  readonly value: T;
  readonly warnings: readonly string[];
}

/**
 * Returns the lifetime of a token, in seconds: the first annotation that is an integer, else the fallback;
 * within the limits of Kubernetes.
 */
export function decideExpiration(
  annotations: readonly GivenAnnotation[],
  fallbackSeconds: number,
): Decided<number> {
  const warnings: string[] = [];
  for (const given of annotations) {
    if (given.value === undefined) continue;
    const seconds = parseGoInt(given.value);
    if (seconds === undefined) {
      warnings.push(oddValue(given, ' and has no effect', secondsRemedy(given.value)));
      continue;
    }
    const value = clampExpiration(seconds);
    const { min, max } = TOKEN_EXPIRATION_SECONDS;
    if (value !== seconds)
      warnings.push(oddValue(given, `, and ${value} is used`, `write a number from ${min} to ${max}`));
    return { value, warnings };
  }
  return { value: clampExpiration(fallbackSeconds), warnings };
}

/** People write `24h`, as in other settings of Kubernetes. */
function secondsRemedy(text: string): string {
  const ms = text.length <= DURATION_MAX_LENGTH ? parseGoDurationMs(text.trim()) : undefined;
  const seconds = parseGoInt(text.trim()) ?? (ms && ms / 1_000);
  return seconds !== undefined && Number.isInteger(seconds) && seconds > 0
    ? `write ${seconds}`
    : 'write a number of seconds, such as 86400';
}

const DURATION_MAX_LENGTH = 32;

/** Returns whether the regional STS is used: the annotation, or the fallback if it is not a boolean. */
export function decideRegionalSts(given: GivenAnnotation, fallback: boolean): Decided<boolean> {
  if (given.value === undefined) return { value: fallback, warnings: [] };
  const value = parseGoBool(given.value);
  if (value !== undefined) return { value, warnings: [] };
  return { value: fallback, warnings: [oddValue(given, ' and has no effect', 'write true or false')] };
}

/**
 * Returns the audience of the token. An empty one is not used: Kubernetes would take it for the audience of
 * the API server, and whoever gets the token could use it there.
 */
export function decideAudience(given: GivenAnnotation, fallback: string): Decided<string> {
  const { value } = given;
  if (value === undefined) return { value: fallback, warnings: [] };
  const remedy = `write ${quote(fallback)}, or remove it`;
  if (value.trim() === '')
    return { value: fallback, warnings: [oddValue(given, ' and has no effect', remedy)] };
  if (value.trim() === value) return { value, warnings: [] };
  return {
    value,
    warnings: [oddValue(given, ', and was injected as it is', 'remove the white space around it')],
  };
}

function oddValue({ object, key, value = '' }: GivenAnnotation, effect: string, remedy: string): string {
  return warningLine({ object, problem: `annotation ${key} is ${quote(value)}${effect}`, remedy });
}
