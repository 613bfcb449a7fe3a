import { basename, extname, resolve } from 'node:path';
import { collectFaults, type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { readInputSync } from '../../lib/files/read-file.ts';
import { measureJson, whyTooLarge } from '../../lib/json/json-bounds.ts';
import { flagName, readSettingFile } from '../../lib/settings/settings.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import { ownerId } from '../names.ts';
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
    return readFiles(settings.filename, notice);
  }
  if (serviceAccount === undefined) {
    throw new PodroleError({
      code: 'MISSING_SETTING',
      object: 'ServiceAccount',
      problem: 'is not named',
      remedy: 'write podrole bind -n NAMESPACE NAME, or give --filename',
    });
  }
  const faults: Fault[] = [];
  const tags = collectFaults(faults, () => parseTags(settings.tags)) ?? {};
  const inlinePolicies = collectFaults(faults, () => readPolicyFiles(settings.policyFile));
  throwIfAny(faults);
  return [
    {
      namespace: settings.namespace,
      serviceAccount,
      container: settings.container,
      attachRoleArn: settings.attachRoleArn,
      roleName: settings.roleName,
      rolePath: settings.rolePath,
      attachPolicyArns: settings.attachPolicyArn,
      inlinePolicies,
      wellKnown: settings.wellKnown,
      permissionsBoundary: settings.permissionsBoundary,
      tags,
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
  'container',
  'attachPolicyArn',
  'policyFile',
  'wellKnown',
  'attachRoleArn',
  'roleName',
  'rolePath',
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
    if (name === 'tags' || name === 'condition') return settings[name].length > 0;
    return value !== undefined && value !== false;
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

/** Reads every file, so that the faults of all of them are reported at once. */
function readFiles(files: readonly string[], notice: (line: string) => void): readonly Binding[] {
  const faults = [...twiceFaults('--filename', files)];
  const fileOf = new Map<string, string>();
  const bindings = [...new Set(files)].flatMap((file) => {
    const read = () => readBindings(readSettingFile('--filename', file, readInputSync), file, notice);
    const found = collectFaults(faults, read) ?? [];
    for (const binding of found) {
      const id = ownerId(binding);
      const first = fileOf.get(id);
      if (first === undefined) fileOf.set(id, file);
      else if (resolve(first) !== resolve(file)) {
        const problem = `binds ${id}, which ${first} does already`;
        faults.push({ code: 'INVALID_BINDINGS_FILE', object: file, problem, remedy: 'leave one of them' });
      }
    }
    return found;
  });
  throwIfAny(faults);
  return bindings;
}

function twiceFaults(flag: string, files: readonly string[]): readonly Fault[] {
  return [...Map.groupBy(files, (file) => resolve(file))].flatMap(([, same]) =>
    same.length === 1
      ? []
      : {
          code: 'INVALID_SETTING',
          object: flag,
          problem: `names ${same[0]} ${same.length} times`,
          remedy: 'name it once',
        },
  );
}

function readPolicyFiles(paths: readonly string[] | undefined): readonly InlinePolicy[] | undefined {
  if (!paths) return undefined;
  const faults = [...twiceFaults('--policy-file', paths)];
  const policies = paths.flatMap((path) => collectFaults(faults, () => readPolicyFile(path)) ?? []);
  throwIfAny(faults);
  return policies;
}

function readPolicyFile(path: string): InlinePolicy {
  const text = readSettingFile('--policy-file', path, readInputSync);
  try {
    const name = basename(path, extname(path)).replace(/[^\w+=,.@-]/g, '-');
    const tooLarge = whyTooLarge(measureJson(Buffer.from(text)));
    if (tooLarge !== undefined) throw new Error(tooLarge);
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
