import { readFileSync } from 'node:fs';

export interface Memory {
  /** All pages in memory, the node binary's shared ones included. */
  readonly residentMiB: number;
  /** Anonymous pages: what this process alone costs. */
  readonly privateMiB: number;
}

/** Memory of a process by proc(5), `/proc/PID/status`; undefined where there is no /proc. */
export function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { residentMiB: mebibytes(status, 'VmRSS'), privateMiB: mebibytes(status, 'RssAnon') };
  } catch {
    return undefined;
  }
}

function mebibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
}
