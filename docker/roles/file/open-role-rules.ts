import type { RoleArn } from '../../../lib/arn.ts';
import { PodroleError } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { DockerSettings } from '../../settings.ts';
import { isAllowed } from '../allowed-roles.ts';
import type { RoleRules } from '../choose-role.ts';
import { readRole } from '../read-role.ts';
import { NO_ROLE_FILE, openRoleFile, type RoleFile } from './open-role-file.ts';

/** Settings that decide about roles. */
export type RoleSettings = Pick<DockerSettings, 'roleFile' | 'allow' | 'defaultRole' | 'baseRoleArn'>;

/** Rules of the settings and of the role file, which is followed. */
export interface OpenRoleRules extends Omit<RoleFile, 'rules'> {
  readonly rules: () => RoleRules;
}

/**
 * Opens the rules that decide about roles.
 * @throws PodroleError `INVALID_SETTING` for a default role that cannot be used, and the errors of openRoleFile
 */
export function openRoleRules(settings: RoleSettings, logger: Logger): OpenRoleRules {
  const { roleFile, allow, baseRoleArn } = settings;
  const bounds = { allow, baseRoleArn };
  const fixed = { ...bounds, defaultRole: defaultRoleOf(settings) };
  const file = roleFile === undefined ? NO_ROLE_FILE : openRoleFile(roleFile, { bounds, logger });
  return { ...file, rules: () => ({ ...fixed, file: file.rules() }) };
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
