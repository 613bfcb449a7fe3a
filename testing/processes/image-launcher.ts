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

/** What the image's launcher starts Node with: it is run, with a program in Node's place that says how it was called. */
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
