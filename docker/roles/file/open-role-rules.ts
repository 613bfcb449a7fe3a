import type { RoleArn } from '../../../lib/arn.ts';
import { PodroleError } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { readSettingFile } from '../../../lib/settings/settings.ts';
import type { DockerSettings } from '../../settings.ts';
import { isAllowed } from '../allowed-roles.ts';
import type { RoleRules } from '../choose-role.ts';
import { readRole } from '../read-role.ts';
import { NO_ROLE_FILE, openRoleFile, ROLE_FILE_FLAG, type RoleFile } from './open-role-file.ts';
import { parseRoleFile } from './parse-role-file.ts';

/** Settings that decide about roles. */
export type RoleSettings = Pick<DockerSettings, 'roleFile' | 'allow' | 'defaultRole' | 'baseRoleArn'>;

/** Rules of the settings and of the role file, which is followed. */
export interface OpenRoleRules extends Omit<RoleFile, 'rules'> {
  readonly rules: () => RoleRules;
}

/**
 * Opens the rules that decide about roles.
 * @throws PodroleError `INVALID_SETTING` for a default role that cannot be used, `UNREADABLE_FILE` and
 *   `INVALID_ROLE_FILE`
 */
export function openRoleRules(settings: RoleSettings, logger: Logger): OpenRoleRules {
  const { roleFile } = settings;
  const bounds = readBounds(settings);
  const file = roleFile === undefined ? NO_ROLE_FILE : openRoleFile(roleFile, { bounds, logger });
  return { ...file, rules: () => ({ ...bounds, file: file.rules() }) };
}

/** As openRoleRules, but reads the role file once. */
export function readRoleRules(settings: RoleSettings): RoleRules {
  const { roleFile } = settings;
  const bounds = readBounds(settings);
  if (roleFile === undefined) return { ...bounds, file: [] };
  return { ...bounds, file: parseRoleFile(readSettingFile(ROLE_FILE_FLAG, roleFile), roleFile, bounds) };
}

function readBounds(settings: RoleSettings): Omit<RoleRules, 'file'> {
  const { allow, baseRoleArn } = settings;
  return { allow, baseRoleArn, defaultRole: defaultRoleOf(settings) };
}

function defaultRoleOf({ defaultRole, allow, baseRoleArn }: RoleSettings): RoleArn | undefined {
  if (defaultRole === undefined) return undefined;
  const read = readRole(defaultRole, baseRoleArn);
  if (!read.ok) throw invalid(read.problem, read.remedy);
  if (allow.length === 0 || isAllowed(read.role.arn, allow)) return read.role;
  throw invalid('is a role that no pattern of --allow matches', 'allow it, or give another one');
}

function invalid(problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'INVALID_SETTING', object: '--default-role', problem, remedy });
}
