/**
 * The function with its last result kept for as long as it is asked for the same object: a session is served thousands of times, and the
 * document made of it is the same each time.
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
