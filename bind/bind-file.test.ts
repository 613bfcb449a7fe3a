import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCli } from '../testing/processes/cli.ts';
import { bindingsSchema } from './ask/bindings-file/schema.ts';

/**
 * Bindings from files, exported: with issuer, account and partition given neither cluster nor IAM is asked.
 */
const OFFLINE = [
  '--issuer',
  'https://oidc.example.com',
  '--account-id',
  '111122223333',
  '--partition',
  'aws',
];
const EXAMPLE = fileURLToPath(new URL('../examples/bindings.yaml', import.meta.url));
const EKSCTL = fileURLToPath(new URL('./ask/bindings-file/testdata/eksctl.yaml', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'podrole-bindings-'));
after(() => rmSync(folder, { recursive: true }));

test('--print-schema prints the schema and does nothing else', async () => {
  const { exitCode, stdout, stderr } = await runCli(['bind', '--print-schema']);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.deepEqual(JSON.parse(stdout), bindingsSchema);
});

test('the example is exported without cluster and IAM', async () => {
  const { exitCode, stdout, stderr } = await runCli(['bind', '-f', EXAMPLE, '-o', 'aws-cli', ...OFFLINE]);
  assert.deepEqual([exitCode, stderr], [0, '']);
  const { commands, serviceAccounts, trustPolicies } = JSON.parse(stdout);
  assert.deepEqual(
    commands.map(({ command, input }: { command: string; input: Record<string, unknown> }) =>
      [command, input['RoleName']].join(' ').trim(),
    ),
    [
      'create-open-id-connect-provider',
      'create-role shop-web',
      'attach-role-policy shop-web',
      'create-role shop-orders',
      'put-role-policy shop-orders',
      'create-role external-dns-external-dns',
      'put-role-policy external-dns-external-dns',
    ],
  );
  assert.equal(serviceAccounts.length, 4);
  assert.equal(trustPolicies[0].roleArn, 'arn:aws:iam::111122223333:role/reports');
});

test('an eksctl file is exported, with a note on what is ignored', async () => {
  const { exitCode, stdout, stderr } = await runCli(['bind', '-f', EKSCTL, '-o', 'terraform', ...OFFLINE]);
  assert.equal(exitCode, 0);
  assert.match(
    stderr,
    /^note: .*eksctl\.yaml:19 iam\.serviceAccounts\[0\]\.status: names what eksctl created/,
  );
  assert.equal(stdout.match(/^resource "aws_iam_role" /gm)?.length, 3);
});

test('every fault of a file is reported before any call', async () => {
  const file = join(folder, 'bindings.yaml');
  const broken = readFileSync(EXAMPLE, 'utf8').replace('tags:', 'tag:').replace('7200', '"7200"');
  writeFileSync(file, broken);
  const { exitCode, stdout, stderr } = await runCli(['bind', '-f', file, '--kube-api', 'http://127.0.0.1:9']);
  assert.deepEqual([exitCode, stdout], [3, '']);
  assert.match(
    stderr,
    /bindings\.yaml:9 bindings\[0\]\.tag: is unknown; write tags \[INVALID_BINDINGS_FILE\]\n/,
  );
  assert.match(stderr, /bindings\.yaml:21 bindings\[1\]\.sessionDurationSeconds: is not a whole number/);
});
