import { readFileSync } from 'node:fs';

export interface Memory {
  /** All pages in memory, the node binary's shared ones included. */
  readonly residentMiB: number;
  /** Anonymous pages: what this process alone costs. */
  readonly privateMiB: number;
  /** All pages, each shared one divided by the number of processes that have it; undefined where the kernel does not tell. */
  readonly proportionalMiB: number | undefined;
}

/** Memory of a process by proc(5), `status` and `smaps_rollup`; undefined where there is no /proc. */
export function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      residentMiB: mebibytes(status, 'VmRSS'),
      privateMiB: mebibytes(status, 'RssAnon'),
      proportionalMiB: proportionalOf(pid),
    };
  } catch {
    return undefined;
  }
}

/** Other users' processes have this file, but not for us to read. */
function proportionalOf(pid: number): number | undefined {
  try {
    return mebibytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
  } catch {
    return undefined;
  }
}

function mebibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
}
