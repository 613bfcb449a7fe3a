/**
 * Limit of one object as JSON. kube-apiserver accepts requests of up to 3 MiB, also in protobuf, and JSON may
 * write one byte of a string as six (`\u003c`). The rest is for the event around the object. etcd's default
 * limit is 1.5 MiB per object. [k8s] kube-apiserver, MaxRequestBodyBytes
 */
export const OBJECT_MAX_BYTES = 20 * 1024 * 1024;

/**
 * Receives a line; returns `enough` to get no more. It must read the line at once: the bytes are not kept.
 */
export type OnLine = (line: Buffer) => 'enough' | undefined;

/**
 * Splits chunks into lines, without their line feeds. Bytes after the last line feed are not a line: the
 * stream was cut there.
 * @throws RangeError if a line does not end
 */
export function splitLines(onLine: OnLine): (chunk: Buffer) => 'enough' | undefined {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      const rest = chunk.subarray(from, end);
      const line = begunBytes > 0 ? Buffer.concat([...begun, rest], begunBytes + rest.length) : rest;
      begun = [];
      begunBytes = 0;
      from = end + 1;
      if (line.length > 0 && onLine(line) === 'enough') return 'enough';
    }
    if (from === chunk.length) return undefined;
    begun.push(chunk.subarray(from));
    begunBytes += chunk.length - from;
    if (begunBytes > OBJECT_MAX_BYTES) throw new RangeError('a line of the answer does not end');
    return undefined;
  };
}
