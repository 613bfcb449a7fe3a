import { PodroleError } from '../lib/errors.ts';
import { type ApiAnswer, describeAnswer } from './api-client.ts';

/** Advice for a 401: the API server does not know who asks, so no right can be missing. */
const UNKNOWN_USER =
  'renew the credentials of this kubeconfig and context, with which kubectl auth whoami must work; in a pod, check that its token is mounted';

/**
 * Returns the remedy for an answer that is an error.
 * @param otherwise remedy for all but 401, such as a right to grant
 */
export function remedyFor({ status }: Pick<ApiAnswer, 'status'>, otherwise: string): string {
  return status === 401 ? UNKNOWN_USER : otherwise;
}

/** Name of what was asked for, in faults: `API server https://10.0.0.1:6443/api/v1/pods`. */
export function apiObject({ server = '' }: Pick<ApiAnswer, 'server'>, path: string): string {
  return `API server ${server}${path}`;
}

/**
 * Makes the error for an answer that a command cannot use.
 * @param remedy for all but 401
 */
export function apiRefused(path: string, answer: ApiAnswer, remedy: string): PodroleError {
  return new PodroleError({
    code: 'API_REFUSED',
    object: apiObject(answer, path),
    problem: describeAnswer(answer),
    remedy: remedyFor(answer, remedy),
  });
}
