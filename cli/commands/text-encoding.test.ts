import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startBindSite } from '../../testing/bind/bind-site.ts';
import { runCli } from '../../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-encoding-'));
const site = await startBindSite();
after(async () => {
  rmSync(folder, { recursive: true });
  await site.stop();
});

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const bindings = `apiVersion: podrole.dev/v1alpha1
kind: Bindings
bindings:
  - namespace: shop
    serviceAccount: web
    attachPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
`;
const serviceAccounts = `apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
`;
const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a }] }\n';

const podFile = join(folder, 'pod.yaml');
writeFileSync(podFile, pod);
const publish = (...args: string[]) =>
  runCli(['publish', '--issuer', 'https://a.test', '--to', join(folder, 'www'), '--dry-run', ...args]);

/** Every text file that a user gives to a command, and the command. */
const FILES: Readonly<
  Record<string, readonly [content: string, run: (path: string) => ReturnType<typeof runCli>]>
> = {
  'policy.json': [
    JSON.stringify(policy, null, 2),
    (path) => site.podrole('bind', '-n', 'shop', 'web', '--with-provider=false', '--policy-file', path),
  ],
  'bindings.yaml': [bindings, (path) => site.podrole('bind', '--with-provider=false', '-f', path)],
  'sa.pub': [
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    (path) => publish('--key-file', path),
  ],
  'jwks.json': [
    JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
    (path) => publish('--jwks', path),
  ],
  'accounts.yaml': [serviceAccounts, (path) => runCli(['inject', '-f', podFile, '--service-accounts', path])],
  'in.yaml': [
    pod,
    (path) => runCli(['inject', '-f', path, '--service-accounts', join(folder, 'accounts.yaml')]),
  ],
};
writeFileSync(join(folder, 'accounts.yaml'), serviceAccounts);

for (const [name, [content, run]] of Object.entries(FILES)) {
  const write = (mark: string, encoding: BufferEncoding) => {
    const path = join(folder, `given-${name}`);
    writeFileSync(path, mark + content.replaceAll('\n', '\r\n'), encoding);
    return path;
  };
  test(`${name} may have the line endings and the byte order mark of Windows`, async () => {
    const plain = await run(write('', 'utf8'));
    assert.equal(plain.exitCode, 0, plain.stderr);
    const marked = await run(write('\uFEFF', 'utf8'));
    assert.equal(marked.exitCode, 0, marked.stderr);
    assert.equal(marked.stdout.replace(/^\uFEFF/, ''), plain.stdout);
  });
  test(`${name} in UTF-16 is refused, and the error names the file`, async () => {
    for (const mark of ['\uFEFF', '']) {
      const path = write(mark, 'utf16le');
      const { exitCode, stderr } = await run(path);
      assert.equal(exitCode, 3);
      assert.ok(stderr.includes(path), stderr);
      assert.match(
        stderr,
        mark ? /: is UTF-16, not UTF-8; .*UTF-8/ : /contains a NUL byte, so it is not UTF-8/,
      );
    }
  });
}
