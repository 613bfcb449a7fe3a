import type { HostContainer } from '../containers/host-container.ts';
import { chooseRole, type RoleRules } from './choose-role.ts';
import type { RoleChoice } from './container-grant.ts';

interface Remembered {
  readonly file: RoleRules['file'];
  readonly choice: RoleChoice;
}

/**
 * Returns `chooseRole`, which decides again only if the role file or what is known about the container has
 * changed: it reads policies and compares up to 1,000 rules, and a container may ask all the time.
 * @param rulesOf rules that differ only in those of the role file
 */
export function rememberChoices(rulesOf: () => RoleRules): (container: HostContainer) => RoleChoice {
  const known = new WeakMap<HostContainer, Remembered>();
  return (container) => {
    const rules = rulesOf();
    const before = known.get(container);
    if (before?.file === rules.file) return before.choice;
    const choice = chooseRole(container, rules);
    known.set(container, { file: rules.file, choice });
    return choice;
  };
}
