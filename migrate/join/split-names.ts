import { createHash } from 'node:crypto';
import { parseRoleArn } from '../../lib/arn.ts';
import { DNS_SUBDOMAIN_MAX_LENGTH } from '../../lib/contract/kubernetes.ts';
import { cutWithHash } from '../../lib/text/cut-with-hash.ts';

/** Characters that a hash and a number at the end take. */
const ENDING_MAX_LENGTH = 20;
const HASH_LENGTH = 8;

/**
 * Returns the name of a ServiceAccount for one role of another: `default-shop-mail`. It is always the same
 * for the same ServiceAccounts and roles.
 */
export function nameForRole(
  serviceAccount: string,
  roleArn: string,
  isFree: (name: string) => boolean,
): string {
  // A role name may hold capitals and _+=,.@-
  const words = (parseRoleArn(roleArn)?.name ?? '')
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter(Boolean);
  const whole = [serviceAccount, ...words].join('-');
  // If the cut falls on a dot, the label behind it would begin with a hyphen.
  const base = cutWithHash(whole, DNS_SUBDOMAIN_MAX_LENGTH - ENDING_MAX_LENGTH).replaceAll('.-', '-');
  if (isFree(base)) return base;
  // Another role has this name: in another account, or it differs only in capitals.
  const hashed = `${base}-${createHash('sha256').update(roleArn).digest('hex').slice(0, HASH_LENGTH)}`;
  let name = hashed;
  for (let at = 2; !isFree(name); at += 1) name = `${hashed}-${at}`;
  return name;
}
