/**
 * Returns the shortest form of a path, without a slash at its end: `/a/c` for `/a//b/../c/`. As
 * `posix.normalize`, but in linear time: that one copies the whole result at each `..`, so a pod with a long
 * path could stop a process for minutes.
 */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!isAbsolute) names.push(name);
  }
  const joined = names.join('/');
  return isAbsolute ? `/${joined}` : joined || '.';
}
