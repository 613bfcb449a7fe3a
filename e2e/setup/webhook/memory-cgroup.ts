import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupOf, makeCgroup, removeCgroup } from '../../node/cgroups.ts';

const MEMORY_HIERARCHY = '/sys/fs/cgroup/memory';
export const MIB = 1024 * 1024;

/** A cgroup with a memory limit, as a kubelet makes one for a container. */
export interface MemoryCgroup {
  /** For `startServer`: the process is in it from its first page on. */
  readonly wrapper: readonly string[];
  /** The most that its processes had at once, page cache that they caused with it. */
  readonly peakMiB: () => number;
  /** What its processes have now. */
  readonly usedMiB: () => number;
  /** How many of its processes the kernel has killed, since there was no memory left. */
  readonly killed: () => number;
  /** Its processes have ended. */
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
