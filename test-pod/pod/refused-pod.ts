import { type ApiAnswer, describeAnswer } from '../../kubernetes/api-client.ts';
import { remedyFor } from '../../kubernetes/api-refusal.ts';
import { PodroleError } from '../../lib/errors.ts';

/** Remedies by the words of the API server. */
const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /violates PodSecurity/,
    'the pod itself is restricted: the init container of sidecar mode "metadata" is not; use mode "credentials" there',
  ],
  [/exceeded quota/, 'make room in the quota for one pod of 50m CPU and 64Mi memory'],
  [
    /failed calling webhook/,
    'start the webhook that it names: namespaces with podrole.dev/required=true refuse pods while it is away',
  ],
  [/error looking up service account/, 'create the ServiceAccount, for example by podrole bind'],
  [/cannot create resource/, 'allow this user the verb create on pods in this namespace'],
  [
    /admission webhook|denied/,
    'a policy of this cluster refused it; allow the pod there, or test in another namespace',
  ],
];

/** Makes the error for a pod that the API server did not create. */
export function refusedPod(object: string, answer: ApiAnswer): PodroleError {
  const problem = describeAnswer(answer);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(problem))?.[1] ?? 'fix what it names';
  return new PodroleError({
    code: 'TEST_POD_REFUSED',
    object,
    problem: `was not created: the API server ${problem}`,
    remedy: remedyFor(answer, remedy),
  });
}
