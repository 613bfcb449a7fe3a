import type { AnswerCode, FaultCode } from '../../lib/errors/code.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';

/** The real service sends everything as plain text, also its JSON documents. */
const PLAIN_TEXT = { 'Content-Type': 'text/plain' } as const;

/** Answers with exactly this body, without a line end: SDKs append a role name to a path as they read it. */
export function textAnswer(body: string, headers: Readonly<Record<string, string>> = {}): EndpointAnswer {
  return { status: 200, headers: { ...PLAIN_TEXT, ...headers }, body };
}

/** Answers with a refusal: `CODE: message`. The SDKs for Go and Java show it to their user. */
export function textError(
  status: number,
  code: FaultCode | AnswerCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): EndpointAnswer {
  return { status, headers: { ...PLAIN_TEXT, ...headers }, body: `${code}: ${message}` };
}
