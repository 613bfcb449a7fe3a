import { WEB_IDENTITY_TOKEN_LENGTH } from '../lib/contract/sts.ts';
import { openCallParameters, readSessionParameters, refuseUnsupported } from './call-parameters.ts';
import type { IdentityPolicy } from './identity-policy.ts';
import { parseSessionPolicy, SESSION_POLICY_RULE } from './session-policy.ts';
import { StsError } from './sts-error.ts';

export interface AssumeRoleParameters {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: string;
  readonly durationSeconds: number;
  readonly policy: IdentityPolicy | undefined;
}

/**
 * Validates the parameters of AssumeRoleWithWebIdentity.
 * @throws StsError `ValidationError` with all violations, `MalformedPolicyDocument`
 */
export function readAssumeRoleParameters(parameters: ReadonlyMap<string, string>): AssumeRoleParameters {
  const call = openCallParameters(parameters);
  const ofSession = readSessionParameters(call);
  const token = call.text('WebIdentityToken', WEB_IDENTITY_TOKEN_LENGTH);
  const policy = call.text('Policy', SESSION_POLICY_RULE);
  call.throwIfViolated();
  if (parameters.has('ProviderId')) {
    throw new StsError(
      'ValidationError',
      'ProviderId is for OAuth 2.0 access tokens and must be absent for an OpenID Connect token',
    );
  }
  refuseUnsupported(parameters, ['PolicyArns']);
  return { ...ofSession, token, policy: parseSessionPolicy(policy) };
}
