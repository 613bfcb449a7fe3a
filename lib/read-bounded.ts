/**
 * Bytes that arrive in chunks, up to a limit, in one buffer that grows. A list of chunks would take more: the
 * sender decides how small they are, and Node makes an object of some 400 bytes of each.
 */
export class BoundedBuffer {
  readonly #maxBytes: number;
  #buffer: Buffer = NOTHING;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Memory that is taken: up to twice as much as what has arrived. */
  get capacity(): number {
    return this.#buffer.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Copies a chunk. Returns false, and copies nothing, if there would be more bytes than the limit. */
  add(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) return false;
    this.#makeRoomFor(length);
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
    return true;
  }

  /** Returns the bytes that have arrived. Their `buffer` is not shared, and may be longer. */
  whole(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Doubles the buffer at least, so that each byte is copied about once for any number of chunks. */
  #makeRoomFor(length: number): void {
    if (length <= this.capacity) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(length, 2 * this.capacity)));
    this.#buffer.copy(grown);
    this.#buffer = grown;
  }
}

const NOTHING = Buffer.alloc(0);

/**
 * Reads a stream to its end.
 * @param onBytes called with the number of bytes so far, before more is read
 * @returns undefined if there are more than maxBytes; the rest is not read then, and a Readable is destroyed
 */
export async function readBounded(
  stream: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
  onBytes?: (bytes: number) => Promise<void>,
): Promise<Buffer | undefined> {
  const bytes = new BoundedBuffer(maxBytes);
  for await (const chunk of stream) {
    if (!bytes.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) return undefined;
    await onBytes?.(bytes.length);
  }
  return bytes.whole();
}
