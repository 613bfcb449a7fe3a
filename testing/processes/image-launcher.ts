import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../image/podrole', import.meta.url));

interface Launch {
  /** Options of Node. */
  readonly options: readonly string[];
  /** `podrole.js` or `sidecar.js`. */
  readonly bundle: string;
}

/** Runs the image's launcher with a program in place of Node, and returns how the launcher called it. */
export function launchOf(command: string): Launch {
  const folder = mkdtempSync(path.join(tmpdir(), 'podrole-launcher-'));
  try {
    writeFileSync(path.join(folder, 'node'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    const said = execFileSync('sh', [LAUNCHER, command], { cwd: folder, env, encoding: 'utf8' });
    const args = said.trim().split('\n');
    const at = args.findIndex((arg) => arg.startsWith('/usr/lib/podrole/'));
    return { options: args.slice(0, at), bundle: path.basename(args[at] ?? '') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
