import { basename, extname } from 'node:path';
import { collectFaults, type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { readInputSync } from '../../lib/files/read-file.ts';
import { measureJson, whyTooLarge } from '../../lib/json/json-bounds.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { parseOneServiceAccount } from '../../lib/operands/service-accounts.ts';
import { flagName, readSettingFile } from '../../lib/settings/settings.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import type { BindSettings } from '../settings.ts';
import type { Binding } from './binding.ts';
import {
  type AskedBindings,
  bindingsOfFiles,
  type FilesRead,
  twiceFaults,
} from './bindings-file/read-files.ts';
import { bindingFaults } from './check-binding.ts';
import { parseConditions } from './conditions.ts';
import { operandFaults } from './operands-with-files.ts';
import { parseTags } from './parse-tags.ts';

/**
 * Returns the bindings that a command line asks for: one from flags, or those of files.
 * @param operands those of the command
 * @param files those of `--filename`
 * @param notice takes a line, for a person, about a part that is not read
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, `UNREADABLE_FILE`, `INVALID_BINDINGS_FILE`,
 * `INVALID_POLICY_FILE`
 */
export function readAskedBindings(
  settings: BindSettings,
  operands: readonly string[],
  files: FilesRead,
  notice: (line: string) => void,
): AskedBindings {
  if (settings.filename.length > 0) {
    refuseFlagsOfOne(settings, operands);
    return bindingsOfFiles(files, settings, notice);
  }
  const bindings = [bindingOfFlags(settings, operands)];
  return { bindings, clusters: [], withAccount: () => bindings };
}

/** Stands for a ServiceAccount that is not named correctly, so that all other faults are found too. */
const PLACEHOLDER = { namespace: 'default', name: 'default' };

function bindingOfFlags(settings: BindSettings, operands: readonly string[]): Binding {
  const faults: Fault[] = [];
  const remedy = 'write podrole bind -n NAMESPACE NAME, or give --filename';
  const { namespace, name } =
    collectFaults(faults, () => parseOneServiceAccount(operands, settings.namespace, remedy)) ?? PLACEHOLDER;
  const tags = collectFaults(faults, () => parseTags(settings.tags)) ?? {};
  const inlinePolicies = collectFaults(faults, () => readPolicyFiles(settings.policyFile));
  const binding = {
    namespace,
    serviceAccount: name,
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
    targetRoleArn: settings.targetRoleArn,
    sessionTags: settings.sessionTags ? undefined : false,
  };
  if (faults.length > 0) throwIfAny([...faults, ...bindingFaults(binding)]);
  return binding;
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
  'targetRoleArn',
  'sessionTags',
] as const;

function refuseFlagsOfOne(settings: BindSettings, operands: readonly string[]): void {
  const isGiven = (name: (typeof FLAGS_OF_ONE)[number]) => {
    const value = settings[name];
    if (name === 'sessionTags') return !settings.sessionTags;
    if (name === 'tags' || name === 'condition') return settings[name].length > 0;
    return value !== undefined && value !== false;
  };
  const given = FLAGS_OF_ONE.filter(isGiven).map((name) => `--${flagName(name)}`);
  const faults = given.map(
    (object): Fault => ({
      code: 'INVALID_SETTING',
      object,
      problem: 'is for one binding, and --filename is for the bindings of a file',
      remedy: 'write it in the file',
    }),
  );
  throwIfAny([...operandFaults(operands), ...faults]);
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
    const document: unknown = parseJson(text);
    refuseRepeatedKeys(text);
    return { name, document };
  } catch (thrown) {
    throw new PodroleError({
      code: 'INVALID_POLICY_FILE',
      object: `--policy-file ${path}`,
      problem: messageOf(thrown),
      remedy: 'give an IAM policy in JSON',
    });
  }
}

/** `JSON.parse` keeps the last of several members with one name: a Deny or a Condition could vanish. */
function refuseRepeatedKeys(text: string): void {
  // JSON is YAML, and YAML is read with this check.
  const errors = parseYamlDocuments(text).flatMap((document) => document.errors);
  const repeated = errors.find(({ code }) => code === 'DUPLICATE_KEY');
  if (repeated) {
    const line = text.slice(0, repeated.pos[0]).split('\n').length;
    throw new Error(`line ${line} names a member that its object has already`);
  }
}
