import type { Writable } from 'node:stream';

/** Shorter work is not reported. */
const FIRST_REPORT_MS = 2_000;
const NEXT_REPORT_MS = 10_000;

/**
 * Reports work in progress: after two seconds, then every ten seconds.
 * @param work `reading IAM and the cluster`
 * @returns stops the reports
 */
export function showProgress(work: string, stderr: Writable): () => void {
  let seconds = FIRST_REPORT_MS / 1_000;
  let timer: NodeJS.Timeout;
  const report = () => {
    stderr.write(`${work} (${seconds} s)\n`);
    seconds += NEXT_REPORT_MS / 1_000;
    timer = setTimeout(report, NEXT_REPORT_MS);
  };
  timer = setTimeout(report, FIRST_REPORT_MS);
  return () => clearTimeout(timer);
}
