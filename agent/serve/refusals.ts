import { AGENT_TOKEN } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import type { AnswerCode, FaultCode } from '../../lib/errors/code.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';
import { jsonError } from '../../lib/http/json-answer.ts';
import { textError } from '../../metadata/imds/text-answer.ts';

/**
 * Reason why the agent has no role for a request.
 *
 * - `unclear`: it does not know yet which pod asks; asking again can help.
 * - `stranger`: the address is not that of a pod of this node.
 * - `without-role`: the pod has no role in agent mode.
 * - `by-token`: each role of the pod belongs to one container, which must show its token.
 * - `unchecked`: whether a token is valid cannot be found out now; asking again can help.
 * - `open`: container credentials without a token, while IMDSv2 is required.
 */
export type Refused = 'unclear' | 'stranger' | 'without-role' | 'by-token' | 'unchecked' | 'open';

interface Refusal {
  readonly status: 403 | 503;
  readonly code: AnswerCode | FaultCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** None of them names another pod, or says more than the caller knows about itself. */
const REFUSALS: Readonly<Record<Refused, Refusal>> = {
  unclear: {
    status: 503,
    code: 'CALLER_UNCLEAR',
    message: 'the agent does not know yet which pod has this address; ask again',
    headers: { 'Retry-After': '1' },
  },
  stranger: {
    status: 403,
    code: 'CALLER_UNKNOWN',
    message: 'no pod of this node has this address; the agent serves nobody else, and forwards nothing',
  },
  'without-role': {
    status: 403,
    code: 'NO_ROLE',
    message:
      'this pod has no role that the agent serves, and does not get that of the node; annotate its ServiceAccount, and create the pod again',
  },
  'by-token': {
    status: 403,
    code: 'NO_ROLE',
    message: `each role of this pod belongs to one container: only an SDK that sends the token of ${ENV.containerAuthorizationTokenFile} gets it`,
  },
  unchecked: {
    status: 503,
    code: 'CALLER_UNCLEAR',
    message: 'the agent cannot check the token now; ask again',
    headers: { 'Retry-After': '1' },
  },
  open: {
    status: 403,
    code: 'AGENT_TOKEN_REQUIRED',
    message: `with --imdsv2 required, container credentials are served only for the token in ${AGENT_TOKEN.mountPath}/${AGENT_TOKEN.path}; use an SDK that sends it`,
  },
};

/** Answer of EC2 if the instance has no role: SDKs go on to their next source of credentials. */
const WITHOUT_ROLE = textError(404, 'NOT_FOUND', 'no role');

/**
 * Returns the refusal, as JSON for container credentials and as a string for instance metadata.
 * @param isHidden true if instance metadata answers as those of an instance without a role, where no other
 *   answer of the agent can help
 */
export function refusal(refused: Refused, isContainer: boolean, isHidden: boolean): EndpointAnswer {
  const { status, code, message, headers } = REFUSALS[refused];
  if (isContainer) return jsonError(status, code, message, headers);
  return isHidden && status === 403 ? WITHOUT_ROLE : textError(status, code, message, headers);
}
