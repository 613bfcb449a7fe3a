import { WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { DNS_LABEL_MAX_LENGTH } from '../lib/contract/kubernetes.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import { quote } from './warning.ts';

const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most entries, and most characters: a hundred container names with role ARNs of the usual length, five times over. */
const MAX_ENTRIES = 100;
export const CONTAINER_ROLES_MAX_LENGTH = 65_536;

export type ContainerRoles =
  | {
      /** Container and role as written, in their order. */
      readonly entries: readonly (readonly [container: string, role: string])[];
      /** What is wrong with the entries that were left out. */
      readonly problems: readonly string[];
    }
  /** Which containers were meant is not known, so none may get a role, that of the whole pod least of all. */
  | { readonly unclear: { readonly problem: string; readonly remedy: string } };

/**
 * The entries of `podrole.dev/container-roles`: `fluentd=arn:…,php=arn:…`. The comma always separates, so a role whose name
 * holds one can't be given here.
 */
export function parseContainerRoles(text: string): ContainerRoles {
  const items = text.length <= CONTAINER_ROLES_MAX_LENGTH ? text.split(',', MAX_ENTRIES + 1) : [];
  if (text.length > CONTAINER_ROLES_MAX_LENGTH || items.length > MAX_ENTRIES) {
    const problem = `has more than ${MAX_ENTRIES} entries or ${CONTAINER_ROLES_MAX_LENGTH} characters, so the pod gets no role at all`;
    return { unclear: { problem, remedy: 'use fewer or shorter entries' } };
  }
  const entries = new Map<string, string>();
  const problems: string[] = [];
  for (const item of items) {
    const entry = item.trim();
    if (entry === '') continue;
    const separator = entry.indexOf('=');
    const container = entry.slice(0, Math.max(separator, 0)).trim();
    const role = entry.slice(separator + 1).trim();
    if (!CONTAINER_NAME.test(container) || mayHoldAnotherEntry(role)) {
      const problem = `gives the pod no role at all, since its entry ${quote(entry)} is not CONTAINER=ROLE`;
      return { unclear: { problem, remedy: 'write CONTAINER=ROLE,CONTAINER=ROLE' } };
    }
    if (entries.has(container)) {
      problems.push(`names the container ${quote(container)} twice, the first entry counts`);
    } else {
      entries.set(container, role);
    }
  }
  return { entries: [...entries], problems };
}

/** Whether it looks like entries that something other than a comma separates: `R1;b=R2`, `R1 b=R2`, `R1|b=R2`. */
function mayHoldAnotherEntry(role: string): boolean {
  const isSeveral = role.split(/\barn:/, 3).length > 2;
  return isSeveral || /[\s;]/.test(role) || (role.includes('=') && /[^\w+=.@:/-]/.test(role));
}

/** Name of the volume with a container's own token: a DNS label, so a long container name is cut and told apart by a hash. */
export function containerVolumeName(container: string): string {
  return cutWithHash(`${WEB_IDENTITY_VOLUME}-${container}`, DNS_LABEL_MAX_LENGTH);
}
