import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = {
  sources: new URL('../../cli/podrole.js', import.meta.url),
  bundle: new URL('../../dist/podrole.js', import.meta.url),
} as const;

type LogLine = Readonly<Record<string, unknown>>;

/** A server in a separate process, observed through its log. */
export interface ServerProcess {
  readonly pid: number;
  /** Fields of the line `listening`: the ports. */
  readonly listening: LogLine;
  /** Resolves with the first line, past or future, that meets the condition; throws after two minutes. */
  readonly line: (holds: (line: LogLine) => boolean) => Promise<LogLine>;
  /** Every line so far. */
  readonly lines: readonly LogLine[];
  /** Sends a signal and waits for the end; returns the exit code, or null if a signal ended the process. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export interface StartOptions {
  /** The whole environment of the process besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** A command with arguments that executes the program that follows them, as `env` does. */
  readonly wrapper?: readonly string[];
}

/** A busy machine of two cores has taken 47 s to start a webhook from its sources. */
const WAIT_MS = 120_000;
/** A fuzzed server logs each request; tests wait only for early lines. */
const LINES_KEPT = 10_000;

/**
 * Starts `podrole ARGS` and waits until it logs `listening`. Throws with the output if the process ends
 * before that.
 * @param from the TypeScript sources, or the shipped bundle
 */
export function startPodrole(
  args: readonly string[],
  options: StartOptions & { readonly from?: keyof typeof LAUNCHER } = {},
): Promise<ServerProcess> {
  return startServer(LAUNCHER[options.from ?? 'sources'], args, options);
}

/** Starts a script that logs JSON lines, and waits until it logs `listening`. */
export async function startServer(
  script: URL,
  args: readonly string[],
  { env = {}, nodeArgs = [], wrapper = [] }: StartOptions = {},
): Promise<ServerProcess> {
  const [program = '', ...argv] = [...wrapper, process.execPath, ...nodeArgs, fileURLToPath(script), ...args];
  const child = spawn(program, argv, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  const log = followLog(child);
  const line = (holds: (line: LogLine) => boolean) => firstLine(log, holds, `${script.pathname} ${args[0]}`);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    }
    return child.exitCode;
  };
  try {
    const listening = await line(({ msg }) => msg === 'listening');
    return { pid: child.pid ?? 0, listening, line, lines: log.lines, stop };
  } catch (thrown) {
    await stop('SIGKILL');
    throw thrown;
  }
}

interface Log {
  readonly lines: LogLine[];
  readonly events: EventEmitter;
  /** Lines that are not JSON: error messages. */
  readonly other: string[];
  ended: boolean;
}

function followLog(child: ChildProcess): Log {
  const log: Log = { lines: [], events: new EventEmitter(), other: [], ended: false };
  log.events.setMaxListeners(0);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (text) => {
      if (log.lines.length >= LINES_KEPT) return;
      if (text.startsWith('{')) log.lines.push(JSON.parse(text) as LogLine);
      else log.other.push(text);
      log.events.emit('change');
    });
  }
  child.on('close', () => {
    log.ended = true;
    log.events.emit('change');
  });
  return log;
}

async function firstLine(log: Log, holds: (line: LogLine) => boolean, what: string): Promise<LogLine> {
  const timeout = AbortSignal.timeout(WAIT_MS);
  for (;;) {
    const found = log.lines.find(holds);
    if (found) return found;
    if (log.ended)
      throw new Error(
        `${what} ended: ${[...log.other, ...log.lines.map((l) => JSON.stringify(l))].join('\n')}`,
      );
    await once(log.events, 'change', { signal: timeout }).catch(() => {
      throw new Error(
        `${what} did not log it within ${WAIT_MS} ms; it logged ${log.lines.map(({ msg }) => msg).join(', ')}`,
      );
    });
  }
}
