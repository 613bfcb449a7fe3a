import type { FaultCode } from '../../lib/errors/code.ts';
import { PodroleError } from '../../lib/errors.ts';
import { type ApiAnswer, describeAnswer } from '../api-client.ts';
import { apiObject, remedyFor } from '../api-refusal.ts';

/**
 * Message of a 504: the API server's state is older than the version to resume from, as after a restored
 * backup.
 */
const TOO_LARGE_VERSION = /too large resource version/i;

/**
 * Makes the error for an answer of the API server without objects. `VERSION_GONE`: list again.
 * `LIST_INVALID`: the API server does not know these parameters. `FORBIDDEN`: credentials or a permission are
 * missing. `WATCH_REFUSED`: anything else, try again.
 */
export function refusalOf(
  answer: ApiAnswer,
  { name, path }: { readonly name: string; readonly path: string },
): PodroleError {
  const problem = describeAnswer(answer);
  const [code, remedy] = codeAndRemedy(answer, problem, name);
  return new PodroleError({ code, object: apiObject(answer, path), problem, remedy });
}

function codeAndRemedy(
  { status }: ApiAnswer,
  problem: string,
  resource: string,
): readonly [code: FaultCode, remedy: string] {
  if (status === 410 || (status === 504 && TOO_LARGE_VERSION.test(problem))) {
    return ['VERSION_GONE', 'none needed: the whole state is listed again'];
  }
  if (status === 401) return ['FORBIDDEN', remedyFor({ status }, '')];
  if (status === 403) {
    return [
      'FORBIDDEN',
      `allow this account the verbs get, list, watch on ${resource} (Role or ClusterRole)`,
    ];
  }
  if (status === 400 || status === 422) return ['LIST_INVALID', 'none needed: the state is listed in pages'];
  return ['WATCH_REFUSED', 'none needed if it passes; it is tried again'];
}
