import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { waitFor } from '../../testing/wait-for.ts';
import type { CommandResult } from '../cluster/run-command.ts';
import type { S3Object, Sdk } from './sdks.ts';

/** Longer than any client retries or waits: a client that is refused gives up by itself. */
const TIMEOUT_MS = 120_000;
/** Region of the signatures: the servers here ignore it, but every SDK needs one. */
const REGION = 'us-east-1';

/** A client that gets the object and prints it for each line on its stdin. */
interface RunningClient {
  /** Resolves when the client has fetched the object again, or has ended. */
  get(): Promise<void>;
  /** Closes its stdin and waits for its end. */
  end(): Promise<CommandResult>;
}

/**
 * Starts a client of an SDK. It knows only the address of metadata or container credentials: its home is
 * empty, and it sees no variables of this machine.
 * @param credentials variables for container credentials; none for instance metadata
 * @param wrapper command that executes the program that follows it
 */
export async function startClient(
  sdk: Sdk,
  object: S3Object,
  credentials: Readonly<Record<string, string>>,
  wrapper: readonly string[] = [],
): Promise<RunningClient> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'podrole-sdk-'));
  const [program = '', ...args] = [...wrapper, ...sdk.command(object, home)];
  const child = spawn(program, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      ...sdk.env,
      ...credentials,
    },
    cwd: home,
    stdio: 'pipe',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  // A command that gets the object only once does not read stdin.
  child.stdin.on('error', () => {});
  let [asked, printed, ended] = [0, '', false];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    printed += piece;
  });
  const stderr = text(child.stderr);
  const end = once(child, 'close')
    .then(
      async ([code]) => ({ code: Number(code ?? 1), stdout: printed, stderr: await stderr }),
      (thrown: unknown) => ({ code: 1, stdout: printed, stderr: String(thrown) }),
    )
    .finally(async () => {
      ended = true;
      await rm(home, { recursive: true, force: true });
    });
  return {
    async get() {
      asked += 1;
      child.stdin.write('\n');
      await waitFor(() => ended || printed.split('\n').length > asked, `${sdk.name} to get it`, TIMEOUT_MS);
    },
    end() {
      child.stdin.end();
      return end;
    },
  };
}
