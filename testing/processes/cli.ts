import { Readable } from 'node:stream';
import type { ExitCode } from '../../cli/command.ts';
import { run } from '../../cli/main.ts';
import * as table from '../../cli/table.ts';
import { Collector } from './collector.ts';
import { NO_SIGNALS, PLAIN } from './no-signals.ts';

export interface CliResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  /** Without progress lines: whether one is printed depends on the speed of the machine. */
  readonly stderr: string;
}

// A command without credentials must not ask the metadata address of the machine that runs the tests.
process.env['AWS_EC2_METADATA_DISABLED'] ??= 'true';

const PROGRESS_LINE = /^.+ \(\d+ s\)\n/gm;

/** Runs one command line of podrole in this process, with separate streams. */
export async function runCli(
  args: readonly string[],
  { stdin = '', env = {} }: { stdin?: string | Buffer; env?: Readonly<Record<string, string>> } = {},
): Promise<CliResult> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const terminal = { stdin: Readable.from([stdin]), stdout, stderr, env, ...NO_SIGNALS, isColored: PLAIN };
  const exitCode = await run(args, terminal, table);
  return { exitCode, stdout: stdout.text, stderr: stderr.text.replaceAll(PROGRESS_LINE, '') };
}
