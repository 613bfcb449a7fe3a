/**
 * Does work for each item, for several of them at a time, and returns the results in the order of the items.
 * After the first failure, no further item is begun.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const next = items.entries();
  let hasFailed = false;
  const lane = async () => {
    for (const [at, item] of next) {
      if (hasFailed) return;
      try {
        results[at] = await work(item);
      } catch (thrown) {
        hasFailed = true;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
