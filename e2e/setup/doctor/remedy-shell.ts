import { chmod, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinary } from '../../cluster/find-binary.ts';
import { type CommandResult, runCommand } from '../../cluster/run-command.ts';
import type { TemporarySite } from '../temporary-site.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/podrole.js', import.meta.url));
/** Debian's. */
const AWS = '/usr/bin/aws';
const TIMEOUT_MS = 60_000;

/** Runs one command line, as it is pasted into a POSIX shell whose PATH has podrole, kubectl and aws. */
export type RemedyShell = (command: string, env: Readonly<Record<string, string>>) => Promise<CommandResult>;

export async function createRemedyShell({ file, folder }: TemporarySite): Promise<RemedyShell> {
  await chmod(await file('podrole', `#!/bin/sh\nexec "${process.execPath}" "${BUNDLE}" "$@"\n`), 0o700);
  // That of Debian knows no AWS_ENDPOINT_URL_IAM yet.
  const aws = `#!/bin/sh\nexec ${AWS} --endpoint-url "$AWS_ENDPOINT_URL_IAM" "$@"\n`;
  await chmod(await file('aws', aws), 0o700);
  await symlink(findBinary('kubectl', process.env['PODROLE_E2E_BINARIES']), path.join(folder, 'kubectl'));
  return (command, env) =>
    runCommand('sh', ['-euc', command], {
      cwd: folder,
      env: { ...env, HOME: folder, PATH: [folder, process.env['PATH']].join(path.delimiter) },
      timeoutMs: TIMEOUT_MS,
    });
}
