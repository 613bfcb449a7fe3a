import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { useIssuer } from '../../testing/oidc/issuer.ts';

const issuer = await useIssuer();
const folder = mkdtempSync(join(tmpdir(), 'podrole-extra-authority-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'ca.crt'), issuer.ca);
writeFileSync(join(folder, 'sa.pub'), issuer.publicKey);

test('publish does not call a CA public that it knows only by NODE_EXTRA_CA_CERTS', async () => {
  issuer.answerWith = (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(readFileSync(join(folder, 'site', String(request.url))));
  };
  const { host, port } = issuer.connectTo;
  const args = ['publish', '--to', join(folder, 'site'), '--issuer', issuer.url];
  args.push('--key-file', join(folder, 'sa.pub'), '--verify-connect-to', `${host}:${port}`);
  const launcher = join(import.meta.dirname, '../../cli/podrole.js');
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt') };
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...args], { env });
  const thumbprint = new X509Certificate(issuer.ca).fingerprint.replaceAll(':', '').toLowerCase();
  assert.doesNotMatch(stdout, /public CA/);
  assert.match(stdout, new RegExp(`certificate.*issued by your own CA: IAM needs .*${thumbprint}`));
});
