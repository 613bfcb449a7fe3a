/**
 * Path from an object to a pod template: names of members, and EACH for every item of a list or every member
 * of a mapping. Empty if the object itself has the form of a pod.
 */
export type TemplatePath = readonly string[];

export const EACH = '*';

/** Path that a user gives for a kind. */
export interface ToldPath {
  readonly kind: string;
  /** Absent: objects of this kind in every group. */
  readonly group?: string;
  readonly path: TemplatePath;
}

export const TEMPLATE_PATH_RULE =
  'KIND[.GROUP]=PATH, such as Fleet.example.com=spec.template, with * in the path for each item';

const TOLD =
  /^(?<kind>[A-Z][A-Za-z0-9]{0,62})(?:\.(?<group>[a-z0-9][a-z0-9.-]{0,252}))?=(?<path>[\w.*-]{1,253})$/;
const MEMBER = /^[A-Za-z_][\w-]*$/;
/** More levels than any kind has. */
const LEVELS_MAX = 20;

/** Parses `KIND[.GROUP]=PATH`; undefined for anything else. */
export function parseToldPath(text: string): ToldPath | undefined {
  const { kind, group, path: written } = TOLD.exec(text)?.groups ?? {};
  if (kind === undefined || written === undefined) return undefined;
  const path = written === '.' ? [] : written.split('.');
  if (path.length > LEVELS_MAX || !path.every(isWritable)) return undefined;
  return { kind, path, ...(group === undefined ? {} : { group }) };
}

/** Returns true for a member that `--template-path` can name, and for EACH. */
export function isWritable(member: string): boolean {
  return member === EACH || MEMBER.test(member);
}

/** Writes a path as `--template-path` takes it. */
export function writePath(path: TemplatePath): string {
  return path.length === 0 ? '.' : path.join('.');
}

/** Writes a kind as `--template-path` takes it: `Rollout.argoproj.io`; `Pod` if the group is the core's. */
export function writeKind(kind: string, group: string): string {
  return group === '' ? kind : `${kind}.${group}`;
}
