import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Env } from '../lib/surroundings.ts';
import { ReleaseError } from './release-error.ts';
import { runTool } from './run-tool.ts';

export const STEPS = ['npm', 'archives', 'image', 'manifests', 'changes'] as const;
export type Step = (typeof STEPS)[number];

export interface ReleaseSettings {
  /** Root of the checkout. */
  readonly root: string;
  /** Folder of the artefacts. */
  readonly output: string;
  readonly steps: ReadonlySet<Step>;
  /** Version in package.json. */
  readonly version: string;
  /** Hash of the commit. */
  readonly revision: string;
  /** Time of the commit; every file of an archive gets it. */
  readonly epochSeconds: number;
  /** The commit has the tag of the version. Anything else is a snapshot. */
  readonly isTagged: boolean;
  /** The checkout differs from the commit. */
  readonly hasChanges: boolean;
  /** Name of the image with its registry, without a tag. */
  readonly image: string | undefined;
  /** URL of the repository. */
  readonly source: string | undefined;
  /** URL of the folder from which people will download the archives. */
  readonly downloads: string | undefined;
  /** Image that the image is built on; undefined: Debian's packages and the Node of npm. */
  readonly base: string | undefined;
}

/**
 * Reads flags, the variables that the Makefile passes, and the commit.
 * @throws ReleaseError `RELEASE_SETTING` for a value that cannot be used, `RELEASE_TREE` for a tagged commit
 *   with changes beside it
 */
export function readSettings(root: string, args: readonly string[], env: Env): ReleaseSettings {
  const { output, only, ...given } = parseFlags(args);
  const text = (name: 'image' | 'source' | 'downloads' | 'base') =>
    (given[name] ?? env[name.toUpperCase()]) || undefined;
  const git = (...words: string[]) => runTool('git', words, { cwd: root }).trim();
  const version = String(JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).version);
  const isTagged = git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`);
  const changes = git('status', '--porcelain');
  if (isTagged) refuseChanges(changes, version);
  return {
    root,
    output: resolve(root, output ?? 'release/out'),
    steps: readSteps(only),
    version,
    revision: git('rev-parse', 'HEAD'),
    epochSeconds: epochOf(env['SOURCE_DATE_EPOCH'] || git('log', '-1', '--format=%ct')),
    isTagged,
    hasChanges: changes !== '',
    image: imageName(text('image')),
    source: httpsUrl('SOURCE', text('source')),
    downloads: httpsUrl('DOWNLOADS', text('downloads')),
    base: text('base'),
  };
}

function parseFlags(args: readonly string[]) {
  const type = 'string' as const;
  const options = {
    image: { type },
    source: { type },
    downloads: { type },
    base: { type },
    output: { type },
    only: { type },
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw settingError(
      'release',
      error instanceof Error ? error.message : String(error),
      'see docs/release.md',
    );
  }
}

function readSteps(only: string | undefined): ReadonlySet<Step> {
  if (only === undefined) return new Set(STEPS);
  const names = only.split(',');
  const unknown = names.find((name) => !STEPS.some((step) => step === name));
  if (unknown !== undefined)
    throw settingError('--only', `"${unknown}" is not a step`, `give some of ${STEPS.join(',')}`);
  return new Set(STEPS.filter((step) => names.includes(step)));
}

/** Grammar of the OCI distribution specification, with an optional host and port before it. */
const IMAGE_NAME =
  /^([a-zA-Z0-9.-]+(:[0-9]+)?\/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

function imageName(value: string | undefined): string | undefined {
  if (value === undefined || (value.length <= 255 && IMAGE_NAME.test(value))) return value;
  const remedy = 'give a name without tag and digest, such as registry.example.com/podrole';
  throw settingError('IMAGE', `"${value}" is not the name of an image`, remedy);
}

function httpsUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  // The addresses of CI systems often have a token in them, and this one is published.
  if (url?.username || url?.password)
    throw settingError(name, 'contains a user name or a password', 'leave them out: it is published');
  if (url?.protocol !== 'https:') throw settingError(name, `"${value}" is not an https URL`, 'give one');
  if (url.search || url.hash || /[?#]$/.test(value))
    throw settingError(name, `"${value}" has a query or a fragment`, 'leave it out: a path is appended');
  return url.href.replace(/\/$/, '');
}

function epochOf(value: string): number {
  if (/^\d{1,10}$/.test(value)) return Number(value);
  throw settingError('SOURCE_DATE_EPOCH', `"${value}" is not a number of seconds since 1970`, 'correct it');
}

function refuseChanges(status: string, version: string): void {
  if (status === '') return;
  throw new ReleaseError({
    code: 'RELEASE_TREE',
    object: `tag v${version}`,
    problem: `the checkout differs from the tagged commit: ${status.replaceAll('\n', ', ')}`,
    remedy: 'release from a clean checkout of the tag',
  });
}

function settingError(object: string, problem: string, remedy: string): ReleaseError {
  return new ReleaseError({ code: 'RELEASE_SETTING', object, problem, remedy });
}
