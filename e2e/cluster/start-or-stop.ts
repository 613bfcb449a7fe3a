/**
 * Starts something that has several parts.
 * @param stop removes the parts that exist; it runs when the start fails
 * @throws the error of the start
 */
export async function startOrStop<T>(start: () => Promise<T>, stop: () => Promise<void>): Promise<T> {
  try {
    return await start();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
