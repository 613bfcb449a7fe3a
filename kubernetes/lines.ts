/** No object that is watched comes near this; etcd takes 1.5 MiB. */
const LINE_MAX_LENGTH = 16 * 1024 * 1024;

/** Returns `enough` to get no more lines. */
export type OnLine = (line: string) => 'enough' | undefined;

/**
 * Takes a text in chunks and hands on each line of it, without its line feed. What follows the last line feed is not a line: the
 * stream was cut there.
 * @throws RangeError where a line does not end
 */
export function splitLines(onLine: OnLine): (chunk: string) => 'enough' | undefined {
  let begun: string[] = [];
  let begunLength = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      const rest = chunk.slice(from, end);
      const line = begunLength > 0 ? begun.join('') + rest : rest;
      begun = [];
      begunLength = 0;
      from = end + 1;
      if (line && onLine(line) === 'enough') return 'enough';
    }
    if (from === chunk.length) return undefined;
    begun.push(chunk.slice(from));
    begunLength += chunk.length - from;
    if (begunLength > LINE_MAX_LENGTH) throw new RangeError('a line of the answer does not end');
    return undefined;
  };
}
