import { AWS_WEBHOOK } from './aws-webhook.ts';
import { OWN_WEBHOOK } from './podrole.ts';

/** A webhook that gives pods roles. */
export type RoleWebhook = 'podrole' | 'aws';

/** Returns which webhook that gives pods roles has this name in its configuration; undefined for others. */
export function roleWebhookOf(name: string): RoleWebhook | undefined {
  if (OWN_WEBHOOK.test(name)) return 'podrole';
  return AWS_WEBHOOK.test(name) ? 'aws' : undefined;
}
