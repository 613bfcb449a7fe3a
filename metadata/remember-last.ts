/**
 * Wraps a function so that it keeps its last result for as long as it is called with the same object: a
 * session is served thousands of times, and its document is the same each time.
 */
export function rememberLast<Given extends object, Made>(
  make: (given: Given) => Made,
): (given: Given) => Made {
  let last: { readonly given: Given; readonly made: Made } | undefined;
  return (given) => {
    if (last?.given !== given) last = { given, made: make(given) };
    return last.made;
  };
}
