import { PodroleError } from '../../lib/errors.ts';
import type { PublicationTarget } from './target.ts';

/**
 * A target whose operations end with the signal, even if a file system or a bucket does not answer. An
 * operation that was given up may still complete; a document is then stored completely or not at all.
 * @param changes `finish`: a change in progress is not given up
 * @throws PodroleError also `STOPPED`, or the reason of the signal, by each operation
 */
export function interruptible(
  target: PublicationTarget,
  signal: AbortSignal,
  changes: 'finish' | 'give up' = 'give up',
): PublicationTarget {
  const until = async <Result>(path: string, operation: () => Promise<Result>): Promise<Result> => {
    throwIfStopped(signal, `${target.name} ${path}`);
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = () => reject(stoppedAt(signal, `${target.name} ${path}`));
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([operation(), stopped]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
  const change: typeof until = (path, operation) => {
    if (changes === 'give up') return until(path, operation);
    throwIfStopped(signal, `${target.name} ${path}`);
    return operation();
  };
  return {
    ...target,
    read: (path) => until(path, () => target.read(path)),
    replace: async (path, document, revision) => change(path, () => target.replace(path, document, revision)),
    remove: async (path) => change(path, () => target.remove(path)),
  };
}

/** @throws PodroleError `STOPPED` */
export function throwIfStopped(signal: AbortSignal, object: string): void {
  if (signal.aborted) throw stoppedAt(signal, object);
}

function stoppedAt(signal: AbortSignal, object: string): PodroleError {
  if (signal.reason instanceof PodroleError) return signal.reason;
  const problem = 'was not completed: the run was interrupted';
  return new PodroleError(
    { code: 'STOPPED', object, problem, remedy: 'run again' },
    { cause: signal.reason },
  );
}
