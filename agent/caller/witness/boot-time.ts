import { readFileSync } from 'node:fs';

/**
 * Returns when the node was booted, by the wall clock.
 * @param file `/proc/stat`
 * @throws Error if the file does not say
 */
export function readBootTime(file: string): number {
  const [, seconds] = /^btime (\d+)$/m.exec(readFileSync(file, 'latin1')) ?? [];
  if (seconds === undefined) throw new Error(`${file} has no btime`);
  return Number(seconds) * 1_000;
}
