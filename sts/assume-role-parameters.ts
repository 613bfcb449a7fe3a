import { WEB_IDENTITY_TOKEN_LENGTH } from '../lib/contract/sts.ts';
import { openCallParameters, readSessionParameters, refuseUnsupported } from './call-parameters.ts';
import { StsError } from './sts-error.ts';

export interface AssumeRoleParameters {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: string;
  readonly durationSeconds: number;
}

/**
 * Validates the parameters of AssumeRoleWithWebIdentity.
 * @throws StsError `ValidationError` with all violations
 */
export function readAssumeRoleParameters(parameters: ReadonlyMap<string, string>): AssumeRoleParameters {
  const call = openCallParameters(parameters);
  const ofSession = readSessionParameters(call);
  const token = call.text('WebIdentityToken', WEB_IDENTITY_TOKEN_LENGTH);
  call.throwIfViolated();
  if (parameters.has('ProviderId')) {
    throw new StsError(
      'ValidationError',
      'ProviderId is for OAuth 2.0 access tokens and must be absent for an OpenID Connect token',
    );
  }
  refuseUnsupported(parameters, ['Policy', 'PolicyArns']);
  return { ...ofSession, token };
}
