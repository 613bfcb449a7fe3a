import type { AnswerCode, FaultCode } from '../errors/code.ts';
import type { EndpointAnswer } from './endpoint.ts';

/** Exactly this value: Go's SDK compares the whole header before it reads an error. */
const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

export function jsonAnswer(body: object): EndpointAnswer {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** Answers with a refusal in the shape that SDKs parse. */
export function jsonError(
  status: number,
  code: FaultCode | AnswerCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): EndpointAnswer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ code, message }) };
}
