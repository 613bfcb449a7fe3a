import { SESSION_DURATION_SECONDS, SESSION_NAME, WEB_IDENTITY_TOKEN_LENGTH } from '../lib/contract/sts.ts';
import { StsError } from './sts-error.ts';

export interface AssumeRoleParameters {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: string;
  readonly durationSeconds: number;
}

/** [sts] AssumeRoleWithWebIdentity, RoleArn */
const ROLE_ARN_LENGTH = { min: 20, max: 2_048 };

/**
 * Validates the parameters of a call by the limits of the API reference, with AWS's messages.
 * @throws StsError `ValidationError` with all violations
 */
export function readAssumeRoleParameters(parameters: ReadonlyMap<string, string>): AssumeRoleParameters {
  const violations: string[] = [];
  const violated = (name: string, constraint: string, value?: string) =>
    violations.push(
      `Value ${value === undefined ? '' : `'${value}' `}at '${name}' failed to satisfy constraint: Member must ${constraint}`,
    );
  const text = (name: string, length: { min: number; max: number }): string => {
    const value = parameters.get(name) ?? '';
    const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    // The value is left out: it may be a token.
    if (!parameters.has(name))
      violations.push(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
    else if (value.length < length.min)
      violated(member, `have length greater than or equal to ${length.min}`);
    else if (value.length > length.max) violated(member, `have length less than or equal to ${length.max}`);
    return value;
  };
  const roleArn = text('RoleArn', ROLE_ARN_LENGTH);
  const sessionName = text('RoleSessionName', { min: 2, max: SESSION_NAME.maxLength });
  if (!/^[\w+=,.@-]*$/.test(sessionName)) {
    violated(
      'roleSessionName',
      'satisfy regular expression pattern: [\\w+=,.@-]*',
      sessionName.slice(0, SESSION_NAME.maxLength),
    );
  }
  const token = text('WebIdentityToken', WEB_IDENTITY_TOKEN_LENGTH);
  const duration = parameters.get('DurationSeconds') ?? String(SESSION_DURATION_SECONDS.default);
  const durationSeconds = /^\d{1,9}$/.test(duration) ? Number(duration) : Number.NaN;
  const { min, max } = SESSION_DURATION_SECONDS;
  if (!(durationSeconds >= min))
    violated('durationSeconds', `have value greater than or equal to ${min}`, duration.slice(0, 20));
  if (durationSeconds > max) violated('durationSeconds', `have value less than or equal to ${max}`, duration);
  if (violations.length > 0) {
    const noun = violations.length === 1 ? 'error' : 'errors';
    throw new StsError(
      'ValidationError',
      `${violations.length} validation ${noun} detected: ${violations.join('; ')}`,
    );
  }
  refuseUnsupported(parameters);
  return { roleArn, sessionName, token, durationSeconds };
}

/** Refuses session policies: accepted but not enforced, they would grant more than was asked for. */
function refuseUnsupported(parameters: ReadonlyMap<string, string>): void {
  for (const name of parameters.keys()) {
    if (name === 'ProviderId') {
      throw new StsError(
        'ValidationError',
        'ProviderId is for OAuth 2.0 access tokens and must be absent for an OpenID Connect token',
      );
    }
    if (name === 'Policy' || name.startsWith('PolicyArns.')) {
      throw new StsError('ValidationError', `${name.split('.', 1)[0]} is not supported by this local STS`);
    }
  }
}
