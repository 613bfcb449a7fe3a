import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { drain, listen } from '../lib/http/serve.ts';
import { runCli } from '../testing/processes/cli.ts';
import { healthListener } from './health-listener.ts';

let reasons: string[] = [];
const server = createServer(healthListener({ notReady: () => reasons, metrics: () => [] }));
const port = String(await listen(server, 0, '127.0.0.1'));
after(() => drain(server, 0));

test('podrole probe reports whether the sidecar is ready, and needs no settings of the sidecar', async () => {
  const ready = { exitCode: 0, stdout: '', stderr: '' };
  assert.deepEqual(await runCli(['probe', '--metrics-port', port]), ready);
  reasons = ['the first session is on its way'];
  const waiting = await runCli(['probe', `--metrics-port=${port}`]);
  assert.equal(waiting.exitCode, 3);
  assert.match(waiting.stderr, /answered 503: .*first session/);
  const nobody = await runCli(['probe', '--metrics-port', '1']);
  assert.equal(nobody.exitCode, 3);
  assert.match(nobody.stderr, /refuses connections.*--metrics-port/);
});

test('without settings all missing ones are reported', async () => {
  const { exitCode, stderr } = await runCli(['sidecar']);
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /^error: --role-arn: is not set; give it, or set PODROLE_ROLE_ARN or AWS_ROLE_ARN; see --help \[MISSING_SETTING\]$/m,
  );
  assert.match(stderr, /AWS_WEB_IDENTITY_TOKEN_FILE[\s\S]*AWS_REGION/);
});
