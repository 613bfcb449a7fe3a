import { DNS_LABEL_MAX_LENGTH, WEB_IDENTITY_VOLUME } from '../lib/contract.ts';
import { cutWithHash } from '../lib/cut-with-hash.ts';
import { quote } from './warning.ts';

const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most entries, and most characters: a hundred container names with role ARNs of the usual length, five times over. */
const MAX_ENTRIES = 100;
export const CONTAINER_ROLES_MAX_LENGTH = 65_536;

export interface ContainerRoleEntries {
  /** Container and role as written, in their order; a role that is missing is empty. */
  readonly entries: readonly (readonly [container: string, role: string])[];
  /** What is wrong with the entries that were left out. */
  readonly problems: readonly string[];
  /** The value is beyond its limits and was not read, so which containers it names is not known. */
  readonly isTooLong: boolean;
}

/**
 * The entries of `podrole.dev/container-roles`: `fluentd=arn:…,php=arn:…`. The comma always separates, so a role whose name
 * holds one can't be given here.
 */
export function parseContainerRoles(text: string): ContainerRoleEntries {
  const items = text.length <= CONTAINER_ROLES_MAX_LENGTH ? text.split(',', MAX_ENTRIES + 1) : [];
  if (text.length > CONTAINER_ROLES_MAX_LENGTH || items.length > MAX_ENTRIES) {
    const problem = `has more than ${MAX_ENTRIES} entries or ${CONTAINER_ROLES_MAX_LENGTH} characters, so the pod gets no role at all`;
    return { entries: [], problems: [problem], isTooLong: true };
  }
  const entries = new Map<string, string>();
  const problems: string[] = [];
  for (const item of items) {
    const entry = item.trim();
    if (entry === '') continue;
    const separator = entry.indexOf('=');
    const container = (separator < 0 ? entry : entry.slice(0, separator)).trim();
    const role = separator < 0 ? '' : entry.slice(separator + 1).trim();
    if (!CONTAINER_NAME.test(container)) {
      problems.push(`has the entry ${quote(entry)}, which is not CONTAINER=ROLE`);
    } else if (entries.has(container)) {
      problems.push(`names the container ${quote(container)} twice, the first entry counts`);
    } else {
      entries.set(container, role);
    }
  }
  return { entries: [...entries], problems, isTooLong: false };
}

/** Name of the volume with a container's own token: a DNS label, so a long container name is cut and told apart by a hash. */
export function containerVolumeName(container: string): string {
  return cutWithHash(`${WEB_IDENTITY_VOLUME}-${container}`, DNS_LABEL_MAX_LENGTH);
}
