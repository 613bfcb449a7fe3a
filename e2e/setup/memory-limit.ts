import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupOf, makeCgroup, removeCgroup } from '../node/cgroups.ts';

/** The memory hierarchy of cgroup v1. */
const HIERARCHY = '/sys/fs/cgroup/memory';

/** A memory limit as kubelet sets it for a container: who goes beyond it is killed by the kernel. */
export interface MemoryLimit {
  /** For `startPodrole`: the process is inside before it takes any memory. */
  readonly launcher: readonly string[];
  /** The most that was taken at once, and how often something was killed for it. */
  readonly read: () => { readonly peakBytes: number; readonly kills: number };
  /** Once its processes have ended. */
  readonly remove: () => Promise<void>;
}

/** @param name one that no other test has */
export function limitMemory(name: string, bytes: number): MemoryLimit {
  const cgroup = cgroupOf(name);
  makeCgroup(cgroup);
  const file = (entry: string) => path.join(HIERARCHY, cgroup, entry);
  const readEntry = (entry: string) => readFileSync(file(entry), 'utf8');
  writeFileSync(file('memory.limit_in_bytes'), `${bytes}`);
  return {
    launcher: ['sh', '-c', 'echo $$ >"$0" && exec "$@"', file('cgroup.procs')],
    read: () => ({
      peakBytes: Number(readEntry('memory.max_usage_in_bytes')),
      kills: Number(/^oom_kill (\d+)$/m.exec(readEntry('memory.oom_control'))?.[1]),
    }),
    remove: () => removeCgroup(cgroup),
  };
}
