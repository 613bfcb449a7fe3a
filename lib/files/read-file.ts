import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../errors.ts';
import { BoundedBuffer } from '../read-bounded.ts';

/**
 * Limit of a file, by its kind. A larger file is not of that kind, and would use up the memory of the
 * process.
 */
export const MAX_FILE_BYTES = {
  /** STS takes tokens of 20,000 characters. */
  token: 64 * 1024,
  /** The CA certificates of a distribution are about 230 KiB, those of large companies some more. */
  certificates: 4 * 1024 * 1024,
  /** A kubeconfig, a key set, a policy, a list of bindings or identities: at most thousands of lines. */
  configuration: 16 * 1024 * 1024,
  /** Manifests, and the output of `kubectl get --all-namespaces` in a large cluster. */
  manifests: 128 * 1024 * 1024,
} as const;

/** Longest time to read a file: its file system may not answer. */
const TIMEOUT_MS = 5_000;
const CHUNK_BYTES = 64 * 1024;

/** Reason why a file was opened but not read to its end. */
class FileRefusedError extends Error {
  override readonly name = 'FileRefusedError';
  readonly code: 'NOT_REGULAR' | 'TOO_LARGE' | 'TIMEOUT';

  constructor(code: FileRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Returns the bytes of a regular file. Everything else is refused without waiting: a FIFO would block a
 * thread of this process until somebody writes to it, and a device never ends.
 * @param maxBytes one of MAX_FILE_BYTES
 * @throws FileRefusedError; the system's error if the file cannot be opened or read
 */
export async function readRegularFile(
  path: string,
  maxBytes: number,
  signal: AbortSignal = AbortSignal.timeout(TIMEOUT_MS),
): Promise<Buffer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new FileRefusedError('TIMEOUT', 'the file system does not answer'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([late, readWhole(path, maxBytes)]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function readWhole(path: string, maxBytes: number): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    refuseStats(await file.stat(), maxBytes);
    const bytes = new ReadBytes(maxBytes);
    while (bytes.take((await file.read(bytes.chunk, 0)).bytesRead));
    return bytes.whole();
  } finally {
    await file?.close();
  }
}

/**
 * As readRegularFile, for start-up and for short commands: it has no time limit, so it waits for the file
 * system.
 */
export function readRegularFileSync(path: string, maxBytes: number): Buffer {
  return readDescriptor(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), maxBytes, (stats) =>
    refuseStats(stats, maxBytes),
  );
}

/**
 * As readRegularFileSync, but also reads a pipe or a device that a person names: `--filename <(helm template
 * …)`. Gives up on a FIFO without a writer after five seconds, and on a silent writer after a minute.
 * @throws FileRefusedError also `TIMEOUT`
 */
export function readInputSync(path: string, maxBytes: number): Buffer {
  const refuse = (stats: Stats) => {
    if (!stats.isFIFO() && !stats.isCharacterDevice()) refuseStats(stats, maxBytes);
  };
  return interruptible(() => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return readDescriptor(file, maxBytes, refuse, patientReader(file));
  });
}

/**
 * Lets SIGINT and SIGTERM end the process while it waits. Their listeners cannot run until the wait is over.
 */
function interruptible<Result>(wait: () => Result): Result {
  const listeners = (['SIGINT', 'SIGTERM'] as const).map(
    (signal) => [signal, process.listeners(signal)] as const,
  );
  for (const [signal] of listeners) process.removeAllListeners(signal);
  try {
    return wait();
  } finally {
    for (const [signal, all] of listeners) for (const listener of all) process.on(signal, listener);
  }
}

const NOBODY_WRITES_MS = 5_000;
const SILENT_MS = 60_000;
const PAUSE_MS = 10;

/**
 * Waits for more from a pipe. An empty read before the first byte means the end, or a writer that has not
 * opened it yet.
 */
function patientReader(file: number): (buffer: Buffer) => number {
  let mayBegin = fstatSync(file).isFIFO();
  return (buffer) => {
    const started = performance.now();
    for (;;) {
      const read = readNow(file, buffer);
      if (read !== undefined && (read > 0 || !mayBegin)) {
        mayBegin = false;
        return read;
      }
      if (performance.now() - started > (read === undefined ? SILENT_MS : NOBODY_WRITES_MS)) {
        throw new FileRefusedError('TIMEOUT', 'is a pipe or device to which nothing was written in time');
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  };
}

/** @returns undefined if there is nothing to read yet */
function readNow(file: number, buffer: Buffer): number | undefined {
  try {
    return readSync(file, buffer);
  } catch (thrown) {
    if (codeOf(thrown) === 'EAGAIN') return undefined;
    throw thrown;
  }
}

function readDescriptor(
  file: number,
  maxBytes: number,
  refuse: (stats: Stats) => void,
  read = (buffer: Buffer) => readSync(file, buffer),
): Buffer {
  try {
    refuse(fstatSync(file));
    const bytes = new ReadBytes(maxBytes);
    while (bytes.take(read(bytes.chunk)));
    return bytes.whole();
  } finally {
    closeSync(file);
  }
}

function refuseStats(stats: Stats, maxBytes: number): void {
  if (!stats.isFile()) throw new FileRefusedError('NOT_REGULAR', `is ${kindOf(stats)}, not a regular file`);
  if (stats.size > maxBytes) throw tooLarge(maxBytes);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'a socket';
}

function tooLarge(maxBytes: number): FileRefusedError {
  return new FileRefusedError('TOO_LARGE', `is larger than ${maxBytes} bytes`);
}

/**
 * Bytes read so far, by reads into one chunk. The size in `stat` is not used: the file may grow meanwhile,
 * and files below /proc report 0.
 */
class ReadBytes {
  readonly chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  readonly #maxBytes: number;
  readonly #bytes: BoundedBuffer;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new BoundedBuffer(maxBytes);
  }

  /** Takes over what was read into the chunk. Returns false at the end of the file. */
  take(bytesRead: number): boolean {
    if (!this.#bytes.add(this.chunk.subarray(0, bytesRead))) throw tooLarge(this.#maxBytes);
    return bytesRead > 0;
  }

  whole(): Buffer {
    return this.#bytes.whole();
  }
}
