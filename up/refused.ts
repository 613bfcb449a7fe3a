import { type ApiAnswer, describeAnswer } from '../kubernetes/api-client.ts';
import { PodroleError } from '../lib/errors.ts';

/**
 * Returns the error of an answer that is a refusal.
 * @param right that the user needs, as RBAC says it: `get on deployments.apps in the namespace podrole`
 */
export function refused(object: string, right: string, answer: ApiAnswer): PodroleError {
  const remedy =
    answer.status === 403
      ? `use a kubeconfig of a cluster administrator, or grant its user ${right}`
      : answer.status === 401
        ? 'renew the credentials of the kubeconfig'
        : 'see what the API server says, and run again';
  return new PodroleError({ code: 'API_REFUSED', object, problem: describeAnswer(answer), remedy });
}
