import { SESSION_POLICY } from '../lib/contract/sts.ts';
import { messageOf } from '../lib/errors.ts';
import { parseJson } from '../lib/json/parse-json.ts';
import { type IdentityPolicy, parseIdentityPolicy } from './identity-policy.ts';
import { StsError } from './sts-error.ts';

/** Rule of the parameter `Policy`. [sts] AssumeRole, Policy */
export const SESSION_POLICY_RULE = {
  min: 1,
  max: SESSION_POLICY.maxLength,
  pattern: SESSION_POLICY.characters,
  isOptional: true,
} as const;

/**
 * Reads a session policy. Only what it says about assuming roles is read, as of the policy of a role.
 * @param text the parameter; empty if the call has none
 * @throws StsError `MalformedPolicyDocument`
 */
export function parseSessionPolicy(text: string): IdentityPolicy | undefined {
  if (text === '') return undefined;
  try {
    return parseIdentityPolicy(parseJson(text), 'session policy');
  } catch (thrown) {
    throw new StsError('MalformedPolicyDocument', 'Syntax errors in policy.', messageOf(thrown));
  }
}
