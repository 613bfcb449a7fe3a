import { spawnSync } from 'node:child_process';
import { ReleaseError } from './release-error.ts';

interface ToolOptions {
  readonly cwd?: string;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Returns what a program prints to stdout.
 * @throws ReleaseError `RELEASE_TOOL` when it is not installed or fails; with its messages
 */
export function runTool(program: string, args: readonly string[], { cwd, env }: ToolOptions = {}): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status === 0) return stdout;
  const isMissing = error !== undefined && 'code' in error && error.code === 'ENOENT';
  throw new ReleaseError(
    {
      code: 'RELEASE_TOOL',
      object: [program, ...args].join(' '),
      problem: isMissing
        ? `${program} is not installed`
        : `failed: ${(stderr || String(error ?? '')).trim()}`,
      remedy: isMissing ? `install ${program}` : 'fix that, then run it again',
    },
    { cause: error },
  );
}
