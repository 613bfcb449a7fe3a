/**
 * Returns the known name that is most like a misspelt one, whatever the case of its letters; undefined if
 * every known name needs more than maxEdits edits. maxEdits must be below 255. For each known name, the work
 * is at most proportional to maxEdits times the length of the longest known name, however long the misspelt
 * one is.
 */
export function nearestName(name: string, known: readonly string[], maxEdits: number): string | undefined {
  let lowered: string | undefined;
  let best: string | undefined;
  let fewestEdits = maxEdits + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= fewestEdits) continue;
    lowered ??= name.toLowerCase();
    const edits = editDistance(lowered, candidate.toLowerCase(), fewestEdits - 1);
    if (edits < fewestEdits) [best, fewestEdits] = [candidate, edits];
  }
  return best;
}

/** Returns the Levenshtein distance, or maxEdits + 1 if it is larger than maxEdits. */
function editDistance(a: string, b: string, maxEdits: number): number {
  // A common beginning or end needs no edit. Most compared names differ in only one place.
  let begin = 0;
  while (begin < a.length && begin < b.length && a.charCodeAt(begin) === b.charCodeAt(begin)) begin += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > begin && endB > begin && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA -= 1;
    endB -= 1;
  }
  return distanceNearDiagonal(a.slice(begin, endA), b.slice(begin, endB), maxEdits);
}

/**
 * Computes only the part of the table that is within maxEdits of its diagonal. Outside of it, every distance
 * is larger than maxEdits.
 */
function distanceNearDiagonal(a: string, b: string, maxEdits: number): number {
  const beyond = maxEdits + 1;
  if (Math.abs(a.length - b.length) > maxEdits) return beyond;
  let previous = new Uint8Array(b.length + 1).map((_, column) => Math.min(column, beyond));
  let current = new Uint8Array(b.length + 1).fill(beyond);
  for (let row = 1; row <= a.length; row++) {
    const first = Math.max(1, row - maxEdits);
    const last = Math.min(b.length, row + maxEdits);
    let least = Math.min(row, beyond);
    current[first - 1] = first === 1 ? least : beyond;
    if (first > 1) least = beyond;
    for (let column = first; column <= last; column++) {
      const replaced =
        (previous[column - 1] ?? beyond) + (a.charCodeAt(row - 1) === b.charCodeAt(column - 1) ? 0 : 1);
      const edits = Math.min(replaced, (previous[column] ?? beyond) + 1, (current[column - 1] ?? beyond) + 1);
      current[column] = Math.min(edits, beyond);
      least = Math.min(least, edits);
    }
    if (last < b.length) current[last + 1] = beyond;
    if (least > maxEdits) return beyond;
    [previous, current] = [current, previous];
  }
  return previous[b.length] ?? beyond;
}
