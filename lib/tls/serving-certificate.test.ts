import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SecureContextOptions } from 'node:tls';
import { type Authority, createAuthority, type KeyPair } from '../../testing/certificates/certificates.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { PodroleError } from '../errors.ts';
import { loadServingCertificate } from './serving-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-tls-'));
after(() => rmSync(folder, { recursive: true }));
const authority: Authority = await createAuthority('tls');
const pairs = await Promise.all(['a', 'b', 'c'].map((host) => authority.issue([host])));
const [first, second, third] = pairs as [KeyPair, KeyPair, KeyPair];

let count = 0;

/**
 * Files as kubelet mounts a Secret: `tls.crt` -> `..data/tls.crt`, `..data` -> a folder that is swapped as a
 * whole.
 */
function mountSecret(pair: KeyPair): { certPath: string; keyPath: string; swap: (next: KeyPair) => void } {
  count += 1;
  const mount = join(folder, `mount-${count}`);
  mkdirSync(mount);
  let generation = 0;
  const swap = ({ cert, key }: KeyPair) => {
    generation += 1;
    const data = `..generation-${generation}`;
    mkdirSync(join(mount, data));
    writeFileSync(join(mount, data, 'tls.crt'), cert);
    writeFileSync(join(mount, data, 'tls.key'), key);
    symlinkSync(data, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  swap(pair);
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(mount, name));
  return { certPath: join(mount, 'tls.crt'), keyPath: join(mount, 'tls.key'), swap };
}

async function follow(files: { certPath: string; keyPath: string }, pollMs?: number) {
  const log = collectLog();
  const served: SecureContextOptions[] = [];
  const limits = { minVersion: 'TLSv1.3' } as const;
  const certificate = await loadServingCertificate(files, limits, log.logger, () => new Date());
  const server = { setSecureContext: (options: SecureContextOptions) => served.push(options) };
  return { certificate, served, log, stop: certificate.follow(server, pollMs) };
}

test('a swap of ..data is served, with the TLS limits kept', async () => {
  const files = mountSecret(first);
  const { certificate, served, stop } = await follow(files);
  try {
    assert.equal(certificate.current().cert, first.cert);
    files.swap(second);
    await until(() => served.length > 0, 'served');
    assert.deepEqual(served, [{ minVersion: 'TLSv1.3', cert: second.cert, key: second.key }]);
    assert.equal(certificate.current().key, second.key);
  } finally {
    stop();
  }
});

test('files that are overwritten one after the other are served once both are there', async () => {
  const certPath = join(folder, 'plain.crt');
  const keyPath = join(folder, 'plain.key');
  writeFileSync(certPath, first.cert);
  writeFileSync(keyPath, first.key);
  const { certificate, served, log, stop } = await follow({ certPath, keyPath });
  try {
    writeFileSync(certPath, second.cert.slice(0, 100));
    await until(() => log.text().includes('INVALID_CERTIFICATE'), 'the half certificate is reported');
    writeFileSync(certPath, second.cert);
    await until(() => log.text().includes('KEY_MISMATCH'), 'the mismatch is reported');
    assert.deepEqual([served.length, certificate.current().cert], [0, first.cert]);
    writeFileSync(keyPath, second.key);
    await until(() => served.length === 1, 'served');
    rmSync(keyPath);
    await until(() => log.text().includes('UNREADABLE_FILE'), 'the missing file is reported');
    assert.equal(certificate.current().key, second.key);
    assert.ok(!log.text().includes('PRIVATE KEY'));
  } finally {
    stop();
  }
});

test('a change without an event is found by polling', async () => {
  const mounted = mountSecret(first);
  // A symlink of a symlink: the folder that changes is not the one that is watched.
  const certPath = join(folder, 'linked.crt');
  const keyPath = join(folder, 'linked.key');
  symlinkSync(mounted.certPath, certPath);
  symlinkSync(mounted.keyPath, keyPath);
  const { served, stop } = await follow({ certPath, keyPath }, 20);
  try {
    mounted.swap(third);
    await until(() => served.length === 1, 'served');
  } finally {
    stop();
  }
});

const encrypted = (key: string) =>
  String(
    createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  );

test('without a pair at the start the error names the file; an expired pair is served', async (t) => {
  const cases: [name: string, cert: string, key: string | undefined, code: string][] = [
    ['no certificate', 'nothing', first.key, 'INVALID_CERTIFICATE'],
    ['no key', first.cert, 'nothing', 'INVALID_KEY'],
    ['an encrypted key', first.cert, encrypted(first.key), 'INVALID_KEY'],
    ['another key', first.cert, second.key, 'KEY_MISMATCH'],
    [
      'a broken chain',
      `${first.cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      first.key,
      'INVALID_CERTIFICATE',
    ],
    ['no such file', first.cert, undefined, 'UNREADABLE_FILE'],
  ];
  for (const [at, [name, cert, key, code]] of cases.entries()) {
    await t.test(name, async () => {
      const files = { certPath: join(folder, `${at}.crt`), keyPath: join(folder, `${at}.key`) };
      writeFileSync(files.certPath, cert);
      if (key !== undefined) writeFileSync(files.keyPath, key);
      await assert.rejects(follow(files), (thrown) => {
        assert.ok(thrown instanceof PodroleError);
        if (name.includes('encrypted'))
          assert.match(thrown.message, /encrypted; write it without a passphrase/);
        return thrown.code === code;
      });
    });
  }
  await t.test('expired', async () => {
    const validity = { notBeforeDate: new Date('2020-01-01'), notAfterDate: new Date('2020-02-01') };
    const { log, stop } = await follow(mountSecret(await authority.issue(['old'], validity)));
    stop();
    assert.match(log.text(), /"level":"warn".*it has expired/);
  });
});
