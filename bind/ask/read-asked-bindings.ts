import { basename, extname } from 'node:path';
import { type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { readInputSync } from '../../lib/files/read-file.ts';
import { flagName, readSettingFile } from '../../lib/settings/settings.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import type { BindSettings } from '../settings.ts';
import type { Binding } from './binding.ts';
import { readBindings } from './bindings-file/read-bindings.ts';
import { parseConditions } from './conditions.ts';
import { parseTags } from './parse-tags.ts';

/**
 * Returns the bindings that a command line asks for: one from flags, or those of files.
 * @param serviceAccount the command's operand
 * @param notice takes a line, for a person, about a part that is not read
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, `UNREADABLE_FILE`, `INVALID_BINDINGS_FILE`,
 * `INVALID_POLICY_FILE`
 */
export function readAskedBindings(
  settings: BindSettings,
  serviceAccount: string | undefined,
  notice: (line: string) => void,
): readonly Binding[] {
  if (settings.filename.length > 0) {
    refuseFlagsOfOne(settings, serviceAccount);
    return settings.filename.flatMap((file) =>
      readBindings(readSettingFile('--filename', file, readInputSync), file, notice),
    );
  }
  if (serviceAccount === undefined) {
    throw new PodroleError({
      code: 'MISSING_SETTING',
      object: 'ServiceAccount',
      problem: 'is not named',
      remedy: 'write podrole bind -n NAMESPACE NAME, or give --filename',
    });
  }
  return [
    {
      namespace: settings.namespace,
      serviceAccount,
      attachRoleArn: settings.attachRoleArn,
      roleName: settings.roleName,
      rolePath: settings.rolePath,
      attachPolicyArns: settings.attachPolicyArn,
      inlinePolicies: settings.policyFile.map(readPolicyFile),
      wellKnown: settings.wellKnown,
      permissionsBoundary: settings.permissionsBoundary,
      tags: parseTags(settings.tags),
      sessionDurationSeconds: settings.sessionDuration,
      roleOnly: settings.roleOnly,
      labels: {},
      annotations: {},
      subjectPattern: settings.subjectPattern,
      conditions: settings.condition.length > 0 ? parseConditions(settings.condition) : undefined,
      audience: undefined,
    },
  ];
}

/** Settings that a file gives for each of its bindings. */
const FLAGS_OF_ONE = [
  'attachPolicyArn',
  'policyFile',
  'wellKnown',
  'attachRoleArn',
  'roleName',
  'permissionsBoundary',
  'tags',
  'sessionDuration',
  'roleOnly',
  'subjectPattern',
  'condition',
] as const;

function refuseFlagsOfOne(settings: BindSettings, serviceAccount: string | undefined): void {
  const isGiven = (name: (typeof FLAGS_OF_ONE)[number]) => {
    const value = settings[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  };
  const given = FLAGS_OF_ONE.filter(isGiven).map((name) => `--${flagName(name)}`);
  const faults = [
    ...(serviceAccount === undefined ? [] : [`the ServiceAccount ${serviceAccount}`]),
    ...given,
  ].map(
    (object): Fault => ({
      code: 'INVALID_SETTING',
      object,
      problem: 'is for one binding, and --filename is for the bindings of a file',
      remedy: 'write it in the file',
    }),
  );
  throwIfAny(faults);
}

function readPolicyFile(path: string): InlinePolicy {
  const text = readSettingFile('--policy-file', path, readInputSync);
  try {
    const name = basename(path, extname(path)).replace(/[^\w+=,.@-]/g, '-');
    return { name, document: JSON.parse(text) };
  } catch (thrown) {
    throw new PodroleError({
      code: 'INVALID_POLICY_FILE',
      object: `--policy-file ${path}`,
      problem: messageOf(thrown),
      remedy: 'give an IAM policy in JSON',
    });
  }
}
