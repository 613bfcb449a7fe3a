import type { Readable } from 'node:stream';
import {
  type ContainerCredentialsSet,
  NO_CONTAINER_CREDENTIALS,
  parseContainerCredentialsConfig,
} from '../identity/container-credentials-config.ts';
import { completeIdentitySettings } from '../identity/settings/complete-settings.ts';
import { type Fault, PodroleError, throwIfAny } from '../lib/errors.ts';
import { STDIN } from '../lib/files/find-files.ts';
import { MAX_FILE_BYTES } from '../lib/files/read-file.ts';
import { type NamedText, readFiles } from '../lib/files/read-files.ts';
import type { Outcome } from '../lib/outcome.ts';
import { flagName, readSettingFile, variableName } from '../lib/settings/settings.ts';
import type { Env, IsColored, Output, SignalHandling } from '../lib/surroundings.ts';
import { paintDiff, painter } from '../lib/text/paint.ts';
import { readRolePolicy } from '../policy/document/read-role-policy.ts';
import { judgesRoles } from '../policy/settings.ts';
import { writeFiles } from './files/write-files.ts';
import { type Injection, type InjectionInput, injectManifests } from './inject-manifests.ts';
import { writeNotes } from './notes.ts';
import { joinDocuments, renderDiff, renderList } from './output.ts';
import type { InjectSettings } from './settings.ts';

export interface InjectSurroundings extends Output, Pick<SignalHandling, 'signal' | 'deferSignals'> {
  readonly stdin: Readable;
  readonly env: Env;
  readonly isColored: IsColored;
}

/**
 * Runs `podrole inject`. Nothing is written before everything has been read and decided.
 * @returns `changes` with --exit-code if a manifest changes
 * @throws PodroleError with every fault of the settings or the files
 */
export async function runInject(
  settings: InjectSettings,
  surroundings: InjectSurroundings,
): Promise<Outcome> {
  const { stderr, env } = surroundings;
  checkSettings(settings, env);
  const containerCredentials = readContainerCredentials(settings.watchContainerCredentialsConfig);
  const rules = await readRules(settings);
  const files = await readManifests(settings.filename, surroundings, settings);
  const serviceAccountFiles = await readManifests(settings.serviceAccounts, surroundings, settings);
  const cluster = settings.cluster ? await openCluster(settings, surroundings) : undefined;
  let injection: Injection;
  try {
    injection = await injectManifests({
      files,
      serviceAccountFiles,
      containerCredentials,
      settings: await completeIdentitySettings(settings, env, fetch),
      namespace: settings.namespace,
      templatePaths: settings.templatePath,
      whole: settings.output === 'json',
      rules,
      ...(cluster ? { cluster } : {}),
    });
  } finally {
    cluster?.close();
  }
  const noted = settings.strict ? { ...injection, unknown: [] } : injection;
  writeNotes(noted, stderr, settings.output === 'json');
  if (settings.strict) throwIfAny(injection.unknown);
  const isChanged = injection.files.some(({ text, injected }) => text !== injected);
  await give(injection, settings, surroundings);
  return settings.exitCode && isChanged ? 'changes' : 'done';
}

/** @throws PodroleError `UNREADABLE_FILE` with a fault for each path */
async function readManifests(
  paths: readonly string[],
  { stdin }: InjectSurroundings,
  { recursive }: InjectSettings,
): Promise<readonly NamedText[]> {
  const how = {
    recursive,
    maxBytes: MAX_FILE_BYTES.manifests,
    byteOrderMark: 'keep',
    content: 'manifests',
  } as const;
  const { files, faults } = await readFiles(paths, stdin, how);
  throwIfAny(faults);
  return files;
}

async function give(
  { files }: Injection,
  settings: InjectSettings,
  { stdout, isColored, deferSignals }: InjectSurroundings,
): Promise<void> {
  if (settings.diff) stdout.write(paintDiff(painter(isColored.stdout), renderDiff(files)));
  else if (settings.inPlace) {
    const changed = files.filter(({ text, injected }) => text !== injected);
    const contents = changed.map(({ name, injected }) => ({ path: name, text: injected }));
    await deferSignals(() => writeFiles(contents));
    for (const { name } of changed) stdout.write(`${name}\n`);
  } else stdout.write(settings.output === 'json' ? renderList(files) : joinDocuments(files));
}

function checkSettings(settings: InjectSettings, env: Env): void {
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  if (settings.inPlace && settings.diff) refuse('--in-place', 'excludes --diff', 'give one of the two');
  if (settings.inPlace && settings.filename.includes(STDIN)) {
    refuse('--in-place', 'has nothing to write stdin back to', 'name files');
  }
  if (settings.output === 'json' && (settings.inPlace || settings.diff)) {
    refuse('--output', 'json is for stdout', 'leave it out with --diff and --in-place');
  }
  if (settings.exitCode && !settings.diff) refuse('--exit-code', 'is for --diff', 'give both or neither');
  for (const name of ['kubeconfig', 'context', 'kubeApi'] as const) {
    // A variable may be meant for other commands too.
    const isFlag = settings[name] !== undefined && settings[name] !== env[variableName(name)];
    if (isFlag && !settings.cluster) {
      refuse(`--${flagName(name)}`, 'is for --cluster', 'give both or neither');
    }
  }
  if (settings.filename.includes(STDIN) && settings.serviceAccounts.includes(STDIN)) {
    refuse('--service-accounts', 'and --filename both read stdin', 'give one of them as a file');
  }
  throwIfAny(faults);
}

function readContainerCredentials(path: string | undefined): ContainerCredentialsSet {
  if (path === undefined) return NO_CONTAINER_CREDENTIALS;
  const parsed = parseContainerCredentialsConfig(
    readSettingFile('--watch-container-credentials-config', path),
  );
  if (!parsed.ok) throw new PodroleError({ ...parsed.fault, object: path });
  return parsed.identities;
}

async function openCluster(settings: InjectSettings, { env, signal }: InjectSurroundings) {
  // Loading the Kubernetes client takes longer than everything else together.
  const cluster = await import('./sources/open-cluster.ts');
  return cluster.openCluster(settings, settings.annotationPrefix, env, signal);
}

/** @throws PodroleError `UNREADABLE_FILE`, `INVALID_ROLE_POLICY` with every fault of the policy file */
async function readRules(settings: InjectSettings): Promise<InjectionInput['rules']> {
  if (!judgesRoles(settings)) return undefined;
  return { settings, policy: await readRolePolicy(settings.rolePolicyFile) };
}
