import { SESSION_POLICY } from '../../lib/contract/sts.ts';
import { messageOf } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';

const { maxLength, characters } = SESSION_POLICY;

/**
 * Returns why a string cannot be a session policy, as the rest of a sentence that begins with it; undefined
 * if it can. It repeats nothing of the string. STS checks what the statements mean.
 */
export function sessionPolicyProblem(text: string): string | undefined {
  if (text.length > maxLength) return `has ${text.length} characters, and STS takes ${maxLength}`;
  if (text.trim() === '') return 'is empty';
  if (!characters.test(text)) return 'has characters beyond U+00FF';
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
  return asObject(value)?.['Statement'] === undefined ? 'is not a policy document' : undefined;
}
