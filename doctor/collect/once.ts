/** Runs a read at the first call with its key in this run, and returns the same answer for all later ones. */
export type Once = <Value>(key: string, read: () => Promise<Value>) => Promise<Value>;

/** Makes the memory of one run: what several chains share, such as the issuer, is read one time. */
export function createOnce(): Once {
  const answers = new Map<string, Promise<unknown>>();
  return <Value>(key: string, read: () => Promise<Value>) => {
    const known = answers.get(key) ?? read();
    answers.set(key, known);
    // A key has one kind of answer: each is asked for in one place.
    return known as Promise<Value>;
  };
}
