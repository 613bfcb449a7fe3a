import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupOf, makeCgroup, removeCgroup } from '../../node/cgroups.ts';

const MEMORY_HIERARCHY = '/sys/fs/cgroup/memory';
export const MIB = 1024 * 1024;

/** A cgroup with a memory limit, as kubelet creates one for a container. */
export interface MemoryCgroup {
  /** For `startServer`: all memory of the process counts. */
  readonly wrapper: readonly string[];
  /** Peak memory of its processes, including the page cache that they caused. */
  readonly peakMiB: () => number;
  /** Current memory of its processes. */
  readonly usedMiB: () => number;
  /** Number of its processes that the kernel has killed because memory was exhausted. */
  readonly killed: () => number;
  /** Removes the cgroup; its processes must have ended. */
  readonly remove: () => Promise<void>;
}

export function makeMemoryCgroup(name: string, limitBytes: number): MemoryCgroup {
  const cgroup = cgroupOf(name);
  makeCgroup(cgroup);
  const file = (parameter: string) => path.join(MEMORY_HIERARCHY, cgroup, parameter);
  const bytes = (parameter: string) => Number(readFileSync(file(parameter), 'utf8'));
  writeFileSync(file('memory.limit_in_bytes'), `${limitBytes}`);
  return {
    wrapper: ['/bin/sh', '-c', 'echo $$ >"$0" && exec "$@"', file('cgroup.procs')],
    peakMiB: () => Math.round(bytes('memory.max_usage_in_bytes') / MIB),
    usedMiB: () => Math.round(bytes('memory.usage_in_bytes') / MIB),
    killed: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(file('memory.oom_control'), 'utf8'))?.[1]),
    remove: () => removeCgroup(cgroup),
  };
}
