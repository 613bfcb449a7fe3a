/**
 * Returns a function that is true at most once in a time: for a log that a flood of one event must not fill.
 * @param monotonicMs milliseconds of a clock that never goes back
 */
export function atMostEvery(ms: number, monotonicMs: () => number): () => boolean {
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = monotonicMs();
    if (nowMs < quietUntilMs) return false;
    quietUntilMs = nowMs + ms;
    return true;
  };
}
