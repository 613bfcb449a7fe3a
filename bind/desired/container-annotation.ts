import { parseContainerRoles } from '../../identity/annotations/container-roles.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';

/** A container of a ServiceAccount's pods, and the ARN of its own role. */
export interface ContainerRoleEntry {
  readonly container: string;
  readonly roleArn: string;
}

/** A value of the annotation, or why podrole cannot read the one that is there. */
export type ContainerAnnotation =
  | { readonly value: string }
  | { readonly unclear: { readonly problem: string; readonly remedy: string } };

/** Returns the roles by container that a value names; undefined if podrole cannot read it. */
export function containerRolesIn(value: string): ReadonlyMap<string, string> | undefined {
  const parsed = parseContainerRoles(value);
  return 'unclear' in parsed ? undefined : new Map(parsed.entries);
}

/**
 * Returns a value of `podrole.dev/container-roles` with entries added or replaced. The others stay as they
 * are written.
 */
export function withContainerRoles(
  value: string,
  entries: readonly ContainerRoleEntry[],
): ContainerAnnotation {
  const before = parseContainerRoles(value);
  if ('unclear' in before) return before;
  const left = new Map(entries.map(({ container, roleArn }) => [container, roleArn]));
  const set = new Set(left.keys());
  const items = itemsOf(value).flatMap((item) => {
    const container = containerOf(item);
    if (!set.has(container)) return [item];
    const roleArn = left.get(container);
    left.delete(container);
    return roleArn === undefined ? [] : [`${container}=${roleArn}`];
  });
  const result = [...items, ...[...left].map(([container, roleArn]) => `${container}=${roleArn}`)].join(',');
  const after = parseContainerRoles(result);
  return 'unclear' in after ? after : { value: result };
}

/** Returns a value of `podrole.dev/container-roles` without a container; empty if no other is left. */
export function withoutContainerRole(value: string, container: string): ContainerAnnotation {
  const before = parseContainerRoles(value);
  if ('unclear' in before) return before;
  return {
    value: itemsOf(value)
      .filter((item) => containerOf(item) !== container)
      .join(','),
  };
}

/** Returns why an entry cannot name a role: a comma in its ARN would separate entries. */
export function containerEntryProblem({ container, roleArn }: ContainerRoleEntry): string | undefined {
  return containerRolesIn(`${container}=${roleArn}`)?.get(container) === roleArn
    ? undefined
    : `has the role ${roleArn}, which annotation ${PODROLE_ANNOTATION.containerRoles} cannot hold`;
}

function itemsOf(value: string): readonly string[] {
  return value.split(',').filter((item) => item.trim() !== '');
}

function containerOf(item: string): string {
  return item.slice(0, Math.max(item.indexOf('='), 0)).trim();
}
