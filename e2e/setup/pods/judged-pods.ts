import type { AdminAnswer, AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { type podManifest, podsIn } from './pods.ts';

type Requests = Pick<AdminClient, 'request'>;

/** Annotation of kube2iam and kiam. */
export const POD_ROLE = 'iam.amazonaws.com/role';

/** Sets annotations of a Namespace; null removes one. */
export async function annotateNamespace(
  api: Requests,
  name: string,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await expectSuccess(api, 'PATCH', `/api/v1/namespaces/${name}`, { metadata: { annotations } });
}

/** Asks for a pod that may be refused; nothing is stored. */
export function tryPod(api: Requests, pod: ReturnType<typeof podManifest>): Promise<AdminAnswer> {
  return api.request('POST', `${podsIn(pod.metadata.namespace)}?dryRun=All`, pod);
}

/** Returns the first sentence of a refusal: `Status.message`. */
export function messageIn({ body }: AdminAnswer): string {
  return (body as { readonly message?: string }).message ?? '';
}
