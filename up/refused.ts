import { type ApiAnswer, describeAnswer } from '../kubernetes/api-client.ts';
import { remedyFor } from '../kubernetes/api-refusal.ts';
import { PodroleError } from '../lib/errors.ts';

/**
 * Returns the error of an answer that is a refusal.
 * @param right that the user needs, as RBAC says it: `get on deployments.apps in the namespace podrole`
 */
export function refused(object: string, right: string, answer: ApiAnswer): PodroleError {
  const remedy =
    answer.status === 403
      ? `use a kubeconfig of a cluster administrator, or grant its user ${right}`
      : 'see what the API server says, and run again';
  const problem = describeAnswer(answer);
  return new PodroleError({ code: 'API_REFUSED', object, problem, remedy: remedyFor(answer, remedy) });
}
