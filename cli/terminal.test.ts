import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'podrole-terminal-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'app.yaml'),
  `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/web
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  serviceAccountName: web
  containers: [{name: a, image: b}]
`,
);

/** Runs podrole on a terminal, which `script` of bsdutils makes; every Debian has it. */
async function onTerminal(flags: string, env: Readonly<Record<string, string>>): Promise<string> {
  const command = `${process.execPath} cli/podrole.js inject -f ${join(folder, 'app.yaml')} --diff ${flags}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}

for (const [flags, env, isColored] of [
  ['', {}, true],
  ['', { NO_COLOR: '1' }, false],
  ['', { TERM: 'dumb' }, false],
  ['--no-color', {}, false],
] as const) {
  test(`inject --diff ${flags} on a terminal, with ${JSON.stringify(env)}`, async () => {
    const printed = await onTerminal(flags, env);
    assert.match(printed, /AWS_ROLE_ARN/);
    assert.equal(printed.includes('\x1b[32m+'), isColored, printed);
    if (!isColored) assert.doesNotMatch(printed.replaceAll(/[\r\n]/g, ''), /\p{Cc}/u);
  });
}
