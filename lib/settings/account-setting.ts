import { ACCOUNT } from '../contract/iam.ts';
import { parsed } from './kinds.ts';
import type { Setting } from './settings.ts';

/**
 * Word for an empty account, as in Ceph's default tenant and in MinIO. An empty value could be an unset
 * variable in a script.
 */
export const NO_ACCOUNT = 'none';

/** Remedy for a missing account. */
export const ACCOUNT_REMEDY = `give the twelve digits of the account, the tenant in Ceph, or ${NO_ACCOUNT} for its default tenant`;

/** Account in ARNs. The value is undefined if it is not given, and empty for `none`. */
export function account(options: {
  readonly shownDefault: string;
  readonly help: string;
  readonly emptyIsUnset?: true;
}): Setting<string | undefined> {
  return parsed<string>({
    ...options,
    value: '<account>',
    expected: `twelve digits, a tenant of Ceph, or ${NO_ACCOUNT}`,
    parse: (given) => {
      if (given === NO_ACCOUNT) return '';
      return ACCOUNT.test(given) ? given : undefined;
    },
  });
}
