import { readFileSync } from 'node:fs';

export interface Memory {
  /** All pages in memory, including the shared pages of the node binary. */
  readonly residentMiB: number;
  /** Anonymous pages: the cost of this process alone. */
  readonly privateMiB: number;
  /**
   * All pages, each shared page divided by the number of processes that map it; undefined if the kernel does
   * not report it.
   */
  readonly proportionalMiB: number | undefined;
}

/** Reads the memory of a process from proc(5), `status` and `smaps_rollup`; undefined without /proc. */
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

/** For processes of other users this file exists but is not readable. */
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
