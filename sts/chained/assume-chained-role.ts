import { CHAINED_SESSION_MAX_SECONDS } from '../../lib/contract/sts.ts';
import { type Account, type CallRecord, isArnOfAws } from '../assume-role.ts';
import { openCallParameters, readSessionParameters, refuseUnsupported } from '../call-parameters.ts';
import { parseSessionPolicy, SESSION_POLICY_RULE } from '../session-policy.ts';
import type { Session } from '../sessions.ts';
import { StsError } from '../sts-error.ts';
import { authorizeChained, type ChainedCall } from './authorize-chained.ts';
import { readSessionTags } from './session-tags.ts';

/** [sts] AssumeRole, ExternalId */
const EXTERNAL_ID = { min: 2, max: 1_224, pattern: /^[\w+=,.@:/-]*$/, isOptional: true } as const;

const UNSUPPORTED = [
  ...['PolicyArns', 'SourceIdentity'],
  ...['SerialNumber', 'TokenCode', 'ProvidedContexts'],
];

interface CalledAccount extends Omit<Account, 'providers'> {
  /** The caller connected by TLS. */
  readonly isSecure: boolean;
}

/**
 * AssumeRole, for a session that this STS has issued: parameters, tags, both policies, duration, then a
 * session.
 * @param caller the session that signed the call
 * @throws StsError
 */
export function assumeChainedRole(
  caller: Session,
  parameters: ReadonlyMap<string, string>,
  { roles, sessions, now, isSecure }: CalledAccount,
  record: CallRecord,
): Session {
  const call = readCall(caller, parameters);
  const { roleArn, sessionName, durationSeconds, tags, policy } = call;
  Object.assign(record, { caller: caller.arn, role: roleArn, sessionName });
  if (!roles.has(roleArn) && !isArnOfAws(roleArn))
    throw new StsError('ValidationError', 'Request ARN is invalid');
  const ownPolicy = roles.get(caller.role.arn)?.policy;
  const role = authorizeChained(call, { role: roles.get(roleArn), ownPolicy, now: now(), isSecure });
  if (durationSeconds > CHAINED_SESSION_MAX_SECONDS) {
    throw new StsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  return sessions.issue({ role, sessionName, durationSeconds, tags, policy });
}

function readCall(caller: Session, parameters: ReadonlyMap<string, string>): ChainedCall {
  const read = openCallParameters(parameters);
  const ofSession = readSessionParameters(read);
  const externalId = read.text('ExternalId', EXTERNAL_ID);
  const policy = read.text('Policy', SESSION_POLICY_RULE);
  read.throwIfViolated();
  refuseUnsupported(parameters, UNSUPPORTED);
  return {
    ...ofSession,
    caller,
    externalId: parameters.has('ExternalId') ? externalId : undefined,
    tags: readSessionTags(parameters, caller.tags),
    policy: parseSessionPolicy(policy),
  };
}
