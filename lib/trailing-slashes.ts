/** The text without the slashes at its end, in linear time: `/\/+$/` looks through each run of slashes once per slash. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}
