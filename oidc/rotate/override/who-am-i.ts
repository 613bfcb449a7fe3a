import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { asObject, asText } from '../../../lib/json/json.ts';
import type { Env } from '../../../lib/surroundings.ts';

const PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const TIMEOUT_MS = 10_000;

/**
 * Returns the user's names, for the notes: the one at the API server and the one on this machine. [k8s]
 * SelfSubjectReview
 */
export async function whoAmI(client: ApiClient, env: Env, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await client.send({ method: 'POST', path: PATH, body }, { timeoutMs: TIMEOUT_MS, signal });
  const user = asObject(asObject(asObject(answer.body)?.['status'])?.['userInfo'])?.['username'];
  const names = [asText(user), env['USER'] ?? env['LOGNAME']].filter(Boolean);
  return names.length > 0 ? names.join(', locally ') : 'unknown';
}
