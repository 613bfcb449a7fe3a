import { describeFault, messageOf, PodroleError } from '../../../lib/errors.ts';
import { type FileContents, UNREADABLE, watchFiles } from '../../../lib/files/watched-files.ts';
import type { Logger } from '../../../lib/logger.ts';
import { readSettingFile } from '../../../lib/settings/settings.ts';
import type { RoleRules } from '../choose-role.ts';
import type { ContainerRule } from '../container-rule.ts';
import { parseRoleFile } from './parse-role-file.ts';

/** Role file that is followed. */
export interface RoleFile {
  /** Rules of the last valid content. */
  readonly rules: () => readonly ContainerRule[];
  /** Reasons why these are not the rules of the file as it is now; empty if they are. */
  readonly problems: () => readonly string[];
  /** Calls back each time that rules were read again. */
  readonly onChange: (listener: () => void) => void;
  readonly close: () => void;
}

export interface RoleFileOptions {
  readonly bounds: Pick<RoleRules, 'allow' | 'baseRoleArn'>;
  readonly logger: Logger;
  /** Interval at which the file is read even without an event. */
  readonly pollMs?: number;
}

export const ROLE_FILE_FLAG = '--role-file';

/** Stands in if there is no role file. */
export const NO_ROLE_FILE: RoleFile = {
  rules: () => [],
  problems: () => [],
  onChange: () => {},
  close: () => {},
};

/**
 * Reads the file of `--role-file`, and follows it through renames and replaced links of its folder. Later, a
 * file that is invalid, unreadable or gone leaves the last valid rules in place, and is logged once: a typing
 * error must not take the roles of all containers away. To take them away, write `roles: []`.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_ROLE_FILE` if it cannot be used now
 */
export function openRoleFile(path: string, { bounds, logger, pollMs }: RoleFileOptions): RoleFile {
  const listeners = new Set<() => void>();
  const text = readSettingFile(ROLE_FILE_FLAG, path);
  let current = load(text);
  let problem: string | undefined;

  function load(content: string): readonly ContainerRule[] {
    const rules = parseRoleFile(content, path, bounds);
    logger.info({ path, rules: rules.length }, 'role file loaded');
    return rules;
  }

  function reload([content]: FileContents): void {
    try {
      const isText = content !== undefined && content !== UNREADABLE;
      current = load(isText ? content : readSettingFile(ROLE_FILE_FLAG, path));
    } catch (thrown) {
      problem = `${shortly(thrown)}; the last valid rules stay in use`;
      logger.error({ path, err: thrown }, 'role file not loaded; the last valid rules stay in use');
      return;
    }
    problem = undefined;
    for (const listener of listeners) listener();
  }

  const options = pollMs === undefined ? {} : { pollMs };
  const close = watchFiles({ paths: [path], known: [text], onChange: reload, ...options });
  return {
    rules: () => current,
    problems: () => (problem === undefined ? [] : [problem]),
    onChange: (listener) => listeners.add(listener),
    close,
  };
}

/** The first fault: a file can have one in each line. */
function shortly(thrown: unknown): string {
  const [fault] = thrown instanceof PodroleError ? thrown.faults : [];
  return fault ? describeFault(fault) : messageOf(thrown);
}
