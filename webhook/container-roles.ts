import { DNS_LABEL_MAX_LENGTH, WEB_IDENTITY_VOLUME } from '../lib/contract.ts';
import { cutWithHash } from '../lib/cut-with-hash.ts';
import { quote } from './warning.ts';

const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most entries: each costs work for every pod. service-account-annotations.ts bounds the characters. */
const MAX_ENTRIES = 100;

export interface ContainerRoleEntries {
  /** Container and role as written, in their order; a role that is missing is empty. */
  readonly entries: readonly (readonly [container: string, role: string])[];
  /** What is wrong with the entries that were left out. */
  readonly problems: readonly string[];
  /** There are too many entries and none was read, so which containers they name is not known. */
  readonly isTooMany: boolean;
}

/**
 * The entries of `podrole.dev/container-roles`: `fluentd=arn:…,php=arn:…`. The comma always separates, so a role whose name
 * holds one can't be given here.
 */
export function parseContainerRoles(text: string): ContainerRoleEntries {
  const items = text.split(',', MAX_ENTRIES + 1);
  if (items.length > MAX_ENTRIES) {
    const problem = `has more than ${MAX_ENTRIES} entries, and no role was injected`;
    return { entries: [], problems: [problem], isTooMany: true };
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
  return { entries: [...entries], problems, isTooMany: false };
}

/** Name of the volume with a container's own token: a DNS label, so a long container name is cut and told apart by a hash. */
export function containerVolumeName(container: string): string {
  return cutWithHash(`${WEB_IDENTITY_VOLUME}-${container}`, DNS_LABEL_MAX_LENGTH);
}
