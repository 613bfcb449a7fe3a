import { SESSION_DURATION_SECONDS, SESSION_NAME } from '../lib/contract/sts.ts';
import { StsError } from './sts-error.ts';

/** Parameters of a call, read one by one. The violations of all of them are one error, as at AWS. */
export interface CallParameters {
  /** Reads a string; undefined for one that is absent is a violation unless it is optional. */
  readonly text: (name: string, rule: TextRule) => string;
  readonly duration: () => number;
  /** @throws StsError `ValidationError` with all violations */
  readonly throwIfViolated: () => void;
}

export interface TextRule {
  readonly min: number;
  readonly max: number;
  /** Of the whole value. Only with a pattern may a message repeat the value, which may be a token. */
  readonly pattern?: RegExp;
  readonly isOptional?: true;
}

/** [sts] AssumeRole and AssumeRoleWithWebIdentity, RoleArn */
const ROLE_ARN_LENGTH = { min: 20, max: 2_048 };
const SESSION_NAME_RULE = { min: 2, max: SESSION_NAME.maxLength, pattern: /^[\w+=,.@-]*$/ };
const MAX_REPEATED_LENGTH = 64;

/** Opens the parameters of a call, to be read by the limits of the API reference, with AWS's messages. */
export function openCallParameters(parameters: ReadonlyMap<string, string>): CallParameters {
  const violations: string[] = [];
  const violated = (name: string, constraint: string, value?: string) =>
    violations.push(
      `Value ${value === undefined ? '' : `'${value}' `}at '${name}' failed to satisfy constraint: Member must ${constraint}`,
    );

  function text(name: string, { min, max, pattern, isOptional }: TextRule): string {
    const given = parameters.get(name);
    const value = given ?? '';
    const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    if (given === undefined && isOptional) return value;
    if (given === undefined)
      violations.push(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
    else if (value.length < min) violated(member, `have length greater than or equal to ${min}`);
    else if (value.length > max) violated(member, `have length less than or equal to ${max}`);
    if (pattern && !pattern.test(value.slice(0, max))) {
      // AWS prints a pattern without its anchors.
      const constraint = `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`;
      violated(member, constraint, value.slice(0, MAX_REPEATED_LENGTH));
    }
    return value;
  }

  function duration(): number {
    const given = parameters.get('DurationSeconds') ?? String(SESSION_DURATION_SECONDS.default);
    const seconds = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    const { min, max } = SESSION_DURATION_SECONDS;
    if (!(seconds >= min))
      violated('durationSeconds', `have value greater than or equal to ${min}`, given.slice(0, 20));
    if (seconds > max) violated('durationSeconds', `have value less than or equal to ${max}`, given);
    return seconds;
  }

  return {
    text,
    duration,
    throwIfViolated: () => {
      if (violations.length === 0) return;
      const noun = violations.length === 1 ? 'error' : 'errors';
      throw new StsError(
        'ValidationError',
        `${violations.length} validation ${noun} detected: ${violations.join('; ')}`,
      );
    },
  };
}

/** Reads the parameters that all calls for a session have. */
export function readSessionParameters({ text, duration }: CallParameters): {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
} {
  return {
    roleArn: text('RoleArn', ROLE_ARN_LENGTH),
    sessionName: text('RoleSessionName', SESSION_NAME_RULE),
    durationSeconds: duration(),
  };
}

/**
 * Refuses parameters that this STS does not enforce. A session policy that is accepted but not enforced would
 * grant more than was asked for.
 */
export function refuseUnsupported(
  parameters: ReadonlyMap<string, string>,
  unsupported: readonly string[],
): void {
  for (const parameter of parameters.keys()) {
    const [name = ''] = parameter.split('.', 1);
    if (unsupported.includes(name))
      throw new StsError('ValidationError', `${name} is not supported by this local STS`);
  }
}
