import { WEB_IDENTITY_VOLUME } from '../../lib/contract/aws-webhook.ts';
import { DNS_LABEL_MAX_LENGTH } from '../../lib/contract/kubernetes.ts';
import { cutWithHash } from '../../lib/text/cut-with-hash.ts';
import { quote } from '../warning.ts';

const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Limits: a hundred container names with role ARNs of the usual length, five times over. */
const MAX_ENTRIES = 100;
export const CONTAINER_ROLES_MAX_LENGTH = 65_536;

export type ContainerRoles =
  | {
      /** Container and role as written, in their order. */
      readonly entries: readonly (readonly [container: string, role: string])[];
      /** Faults of the entries that were left out. */
      readonly problems: readonly string[];
    }
  /**
   * It is unknown which containers were meant, so none may get a role, least of all that of the whole pod.
   */
  | { readonly unclear: { readonly problem: string; readonly remedy: string } };

/**
 * Parses `podrole.dev/container-roles`: `fluentd=arn:…,php=arn:…`. A comma always separates entries, so a
 * role whose name contains one cannot be given here.
 */
export function parseContainerRoles(text: string): ContainerRoles {
  const items = text.length <= CONTAINER_ROLES_MAX_LENGTH ? text.split(',', MAX_ENTRIES + 1) : [];
  if (text.length > CONTAINER_ROLES_MAX_LENGTH || items.length > MAX_ENTRIES) {
    const excess = `${MAX_ENTRIES} entries or ${CONTAINER_ROLES_MAX_LENGTH} characters`;
    const problem = `has more than ${excess}, so the pod gets no role at all`;
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
      problems.push(`names the container ${quote(container)} twice, and only the first entry counts`);
    } else {
      entries.set(container, role);
    }
  }
  return { entries: [...entries], problems };
}

/** True if it looks like entries that are not separated by a comma: `R1;b=R2`, `R1 b=R2`, `R1|b=R2`. */
function mayHoldAnotherEntry(role: string): boolean {
  const isSeveral = role.split(/\barn:/, 3).length > 2;
  return isSeveral || /[\s;]/.test(role) || (role.includes('=') && /[^\w+=.@:/-]/.test(role));
}

/**
 * Returns the name of the volume with a container's own token. It must be a DNS label, so a long container
 * name is cut and made unique by a hash.
 */
export function containerVolumeName(container: string): string {
  return cutWithHash(`${WEB_IDENTITY_VOLUME}-${container}`, DNS_LABEL_MAX_LENGTH);
}
