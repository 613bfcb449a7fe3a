import { PodroleError } from '../../lib/errors.ts';
import type { Workloads } from './workloads.ts';

/** Interfaces behind which the workloads are. */
export type WorkloadInterfaces =
  | { readonly kind: 'all-but'; readonly names: readonly string[] }
  /** Names, or their beginnings with `*` after it. */
  | { readonly kind: 'matching'; readonly patterns: readonly string[] };

/**
 * Returns the interfaces of workloads: those that are given, else all but loopback and the uplinks. If that
 * is wrong for one, somebody is refused metadata. The opposite mistake would hand out the role of the host.
 * @param uplinks names
 * @param patterns of the settings, empty if they are not set
 * @throws PodroleError `INVALID_SETTING` if a pattern is not one of names, or fits an uplink
 */
export function workloadInterfaces(
  uplinks: readonly string[],
  patterns: readonly string[],
  workloads: Workloads,
): WorkloadInterfaces {
  for (const name of patterns) if (!/^[\w.@-]{1,15}\*?$/.test(name)) throw notAName(name, workloads);
  if (patterns.length === 0) return { kind: 'all-but', names: ['lo', ...[...uplinks].sort()] };
  for (const pattern of patterns)
    for (const name of uplinks) if (matches(pattern, name)) throw isUplink(pattern, name, workloads);
  return { kind: 'matching', patterns };
}

/**
 * True if a rule can name it without meaning others. Only root can make another name. U+FFFD stands for bytes
 * that are not UTF-8.
 */
export function isPlainName(name: string): boolean {
  return !/["*\\\ufffd]/.test(name);
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function notAName(name: string, { interfaceFlag }: Workloads): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: interfaceFlag,
    problem: `is ${JSON.stringify(name)}, which is not the name of a network interface, nor its beginning and *`,
    remedy: 'look at the output of: ip link',
  });
}

function isUplink(pattern: string, name: string, { interfaceFlag, many }: Workloads): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: interfaceFlag,
    problem: `is ${pattern}, which fits ${name} too: the network behind it would count as ${many}`,
    remedy: `give the interfaces of ${many} alone, or leave it out`,
  });
}
