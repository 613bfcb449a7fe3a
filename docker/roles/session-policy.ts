import { messageOf } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';

/** Longest session policy, in characters of its text. AWS STS API Reference, AssumeRole, Policy */
export const SESSION_POLICY_MAX_LENGTH = 2_048;

/** Characters that STS takes in a session policy; others can be written as \u…. [sts] the same */
const CHARACTERS = /^[\t\n\r\u0020-\u00ff]*$/;

/**
 * Returns why a string cannot be a session policy, as the rest of a sentence that begins with it; undefined
 * if it can. It repeats nothing of the string. STS checks what the statements mean.
 */
export function sessionPolicyProblem(text: string): string | undefined {
  if (text.length > SESSION_POLICY_MAX_LENGTH) {
    return `has ${text.length} characters, and STS takes ${SESSION_POLICY_MAX_LENGTH}`;
  }
  if (text.trim() === '') return 'is empty';
  if (!CHARACTERS.test(text)) return 'has characters beyond U+00FF';
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
  return asObject(value)?.['Statement'] === undefined ? 'is not a policy document' : undefined;
}
