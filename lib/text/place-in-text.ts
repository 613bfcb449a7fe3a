/** Place in a string, as editors count: both begin with 1. */
export interface PlaceInText {
  readonly line: number;
  readonly column: number;
}

/**
 * Returns a function that gives the place of an offset. The lines are counted once, at the first call: a
 * hostile file can have a fault in each of many documents.
 */
export function placesIn(text: string): (offset: number) => PlaceInText {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
