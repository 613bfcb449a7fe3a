import type { Writable } from 'node:stream';

/** Work that is over by then needs no word. */
const FIRST_WORD_MS = 2_000;
const NEXT_WORD_MS = 10_000;

/**
 * Says what is being waited for, once it takes longer than two seconds and every ten seconds from then on.
 * @param work `reading IAM and the cluster`
 * @returns ends it
 */
export function showProgress(work: string, stderr: Writable): () => void {
  let seconds = FIRST_WORD_MS / 1_000;
  let timer: NodeJS.Timeout;
  const tell = () => {
    stderr.write(`${work} (${seconds} s)\n`);
    seconds += NEXT_WORD_MS / 1_000;
    timer = setTimeout(tell, NEXT_WORD_MS);
  };
  timer = setTimeout(tell, FIRST_WORD_MS);
  return () => clearTimeout(timer);
}
