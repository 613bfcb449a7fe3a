/**
 * Returns the result of an act on each item, in the order of the items. At most `limit` acts run at the same
 * time.
 * @param onDone takes the number of items that are done
 */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<Result>,
  onDone: (done: number) => void = () => {},
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  async function work(): Promise<void> {
    for (const [at, item] of waiting) {
      results.set(at, await act(item));
      onDone(results.size);
    }
  }
  await Promise.all(Array.from({ length: limit }, work));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
