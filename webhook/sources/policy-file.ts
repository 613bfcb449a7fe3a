import { type FileContents, UNREADABLE, watchFiles } from '../../lib/files/watched-files.ts';
import type { Logger } from '../../lib/logger.ts';
import { readSettingFile } from '../../lib/settings/settings.ts';
import { parseRolePolicy } from '../../policy/document/parse-role-policy.ts';
import type { RolePolicy } from '../../policy/role-policy.ts';
import type { PolicyLoad } from '../metrics.ts';

export interface PolicyFile {
  readonly current: () => RolePolicy | undefined;
  readonly stop: () => void;
}

/** Stands in if there is no policy file. */
export const NO_POLICY_FILE: PolicyFile = { current: () => undefined, stop: () => {} };

export interface PolicyFileOptions {
  readonly logger: Logger;
  /** Counts each time that the file was read. */
  readonly count: (load: PolicyLoad) => void;
  readonly pollMs?: number;
}

/**
 * Reads the file of `--role-policy-file`, and follows it. A missing or invalid file stops the start: without
 * its rules every namespace could use every role. Later such a file leaves the last valid policy in place.
 * @throws PodroleError with all faults of the file
 */
export function followPolicyFile(path: string, { logger, count, pollMs }: PolicyFileOptions): PolicyFile {
  const text = readSettingFile('--role-policy-file', path);
  let current = load(text);

  function load(content: string): RolePolicy {
    const policy = parseRolePolicy(content, path);
    count('loaded');
    logger.info({ path, rules: policy.rules.length, unlisted: policy.unlisted }, 'policy loaded');
    return policy;
  }

  function reload([content]: FileContents): void {
    try {
      current = load(
        content === undefined || content === UNREADABLE
          ? readSettingFile('--role-policy-file', path)
          : content,
      );
    } catch (thrown) {
      count('failed');
      logger.error({ path, err: thrown }, 'policy not loaded; the last valid one stays in use');
    }
  }

  const options = pollMs === undefined ? {} : { pollMs };
  const stop = watchFiles({ paths: [path], known: [text], onChange: reload, ...options });
  return { current: () => current, stop };
}
