import { composeRoleArn } from '../../lib/arn.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { WebhookFlags } from '../model.ts';
import { agreedFlag } from './agreed-flag.ts';

/** Returns the flags of `podrole webhook` by which it reads annotations as the proxy does. */
export function webhookFlagsOf({ settings, proxies = [], iam }: MigrationFacts): WebhookFlags {
  const told = agreedFlag(proxies, ({ baseRoleArn }) => baseRoleArn);
  const { account } = iam;
  // Both proxies find out the account of the nodes; it is that of these credentials more often than not.
  const ofAccount = account && composeRoleArn('', account.accountId, account.partition);
  return {
    podRoleAnnotation: settings.podRoleAnnotation,
    baseRoleArn: settings.baseRoleArn ?? told ?? ofAccount,
    namespaceRestrictionFormat:
      settings.allowedRolesFormat ??
      agreedFlag(proxies, ({ allowedRolesFormat }) => allowedRolesFormat) ??
      'glob',
  };
}
