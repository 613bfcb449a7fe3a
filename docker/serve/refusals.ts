import { CONTAINER_ROLE_VARIABLE, ROLE_LABEL } from '../../lib/contract/podrole.ts';
import type { AnswerCode, FaultCode } from '../../lib/errors/code.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import { jsonError } from '../../lib/http/json-answer.ts';
import { textError } from '../../metadata/imds/text-answer.ts';

/**
 * Reason why there is no role for a request.
 *
 * - `unclear`: it is not certain yet which container asks; asking again can help.
 * - `stranger`: the address is not that of a container on a bridge network of this host.
 * - `without-role`: nothing names a role for the container.
 * - `refused`: a role is named that it does not get.
 * - `open`: container credentials, while IMDSv2 is required.
 */
export type Refused = 'unclear' | 'stranger' | 'without-role' | 'refused' | 'open';

interface Refusal {
  readonly status: 403 | 503;
  readonly code: AnswerCode | FaultCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** None of them names another container, or says more than the caller knows about itself. */
const REFUSALS: Readonly<Record<Exclude<Refused, 'refused'>, Refusal>> = {
  unclear: {
    status: 503,
    code: 'CALLER_UNCLEAR',
    message: 'podrole does not know yet which container has this address; ask again',
    headers: { 'Retry-After': '1' },
  },
  stranger: {
    status: 403,
    code: 'CALLER_UNKNOWN',
    message:
      'no container on a bridge network of this host has this address; podrole serves nobody else, and forwards nothing. A container with --network host cannot be distinguished from the host',
  },
  'without-role': {
    status: 403,
    code: 'NO_ROLE',
    message: `nothing names a role for this container, and it does not get that of the host; set its label ${ROLE_LABEL} or its variable ${CONTAINER_ROLE_VARIABLE.role}, or add it to the file of --role-file`,
  },
  open: {
    status: 403,
    code: 'CREDENTIALS_NOT_SERVED',
    message:
      'with --imdsv2 required, container credentials are not served, since their requests carry no session token; use instance metadata',
  },
};

/** Answer of EC2 if the instance has no role: SDKs go on to their next source of credentials. */
const WITHOUT_ROLE = textError(404, 'NOT_FOUND', 'no role');

/** Form of an answer. */
export interface RefusalForm {
  /** True for container credentials, which are answered in JSON. */
  readonly isContainer: boolean;
  /** True if instance metadata answers callers without a role as those of an instance without a role do. */
  readonly isHidden: boolean;
}

/** Returns the refusal of a caller. */
export function refusal(refused: Exclude<Refused, 'refused'>, form: RefusalForm): EndpointAnswer {
  const isWithoutRole = refused === 'stranger' || refused === 'without-role';
  if (form.isHidden && isWithoutRole && !form.isContainer) return WITHOUT_ROLE;
  return answerOf(REFUSALS[refused], form);
}

/**
 * Returns the refusal of a container whose role it does not get. It is never hidden: somebody wants the role.
 * @param reason sentence for the container
 */
export function roleRefusal(reason: string, form: RefusalForm): EndpointAnswer {
  return answerOf(
    { status: 403, code: 'CONTAINER_ROLE_REFUSED', message: reason.replaceAll(/\s+/g, ' ') },
    form,
  );
}

function answerOf({ status, code, message, headers }: Refusal, { isContainer }: RefusalForm): EndpointAnswer {
  return isContainer ? jsonError(status, code, message, headers) : textError(status, code, message, headers);
}
