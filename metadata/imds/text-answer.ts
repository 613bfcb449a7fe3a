import type { AnswerCode, FaultCode } from '../../lib/errors/code.ts';
import type { EndpointAnswer } from '../../lib/http/endpoint.ts';

/** The real service gives everything as plain text, its JSON documents included. */
const PLAIN_TEXT = { 'Content-Type': 'text/plain' } as const;

/** What was asked for, byte for byte: SDKs append a role name to a path as they read it, so nothing is put behind it. */
export function textAnswer(body: string, headers: Readonly<Record<string, string>> = {}): EndpointAnswer {
  return { status: 200, headers: { ...PLAIN_TEXT, ...headers }, body };
}

/** A refusal: `CODE: message`. Go's and Java's SDKs show the text to their user. */
export function textError(
  status: number,
  code: FaultCode | AnswerCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): EndpointAnswer {
  return { status, headers: { ...PLAIN_TEXT, ...headers }, body: `${code}: ${message}` };
}
