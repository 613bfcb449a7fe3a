import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CommandResult } from '../cluster/kubectl.ts';
import type { S3Object, Sdk } from './sdks.ts';

/** Longer than any client tries: one that is shut out gives up by itself. */
const TIMEOUT_MS = 60_000;
/** What is signed for; no server here looks at it, every SDK wants one. */
const REGION = 'us-east-1';

/**
 * Runs a client of an SDK that knows nothing but where metadata or container credentials are: an empty home, and none of this machine's variables.
 * @param credentials variables that name the container credentials; none for instance metadata
 */
export async function runClient(
  sdk: Sdk,
  object: S3Object,
  credentials: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'podrole-sdk-'));
  const [program = '', ...args] = sdk.command(object, home);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    ...sdk.env,
    ...credentials,
  };
  try {
    return await new Promise((resolve) => {
      const options = { env, cwd: home, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
      execFile(program, args, options, (failure, stdout, stderr) =>
        resolve({ code: failure ? 1 : 0, stdout, stderr: `${failure?.message ?? ''}${stderr}` }),
      );
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
