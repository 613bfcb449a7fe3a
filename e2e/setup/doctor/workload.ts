import { ROLE_ARN } from '../pods/pods.ts';
import { deployment, NAMESPACE } from './deployment.ts';
import type { DoctorSite } from './doctor-site.ts';

/** Changes of the workload and of its ServiceAccount, as a user makes them with kubectl. */

/** Removes the annotation with the role. */
export function removeRole({ kubectl }: DoctorSite): Promise<unknown> {
  return kubectl(['-n', NAMESPACE, 'annotate', 'serviceaccount', 'web', `${ROLE_ARN}-`]);
}

/** Sets an annotation of the ServiceAccount. */
export function annotate({ kubectl }: DoctorSite, key: string, value: string): Promise<unknown> {
  return kubectl(['-n', NAMESPACE, 'annotate', 'serviceaccount', 'web', `${key}=${value}`, '--overwrite']);
}

/** Applies the workload of the healthy site with these members, and waits for its pods. */
export async function applyWorkload(
  { kubectl, settle }: DoctorSite,
  ...members: Parameters<typeof deployment>
): Promise<void> {
  await kubectl(['apply', '-f', '-'], JSON.stringify(deployment(...members)));
  await settle();
}

/** Creates the pods of the workload again. */
export async function recreatePods({ kubectl, settle }: DoctorSite): Promise<void> {
  await kubectl(['-n', NAMESPACE, 'delete', 'pods', '--selector=app=web', '--wait=false']);
  await settle();
}

/** Creates the pods again while the webhook does not answer. */
export async function missWebhook(site: DoctorSite): Promise<void> {
  await site.webhook.hang();
  await recreatePods(site);
  site.webhook.resume();
  await site.settle();
}
