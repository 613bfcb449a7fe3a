import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { startIssuer } from '../../testing/oidc/issuer.ts';
import { servedThumbprint } from './served-thumbprint.ts';

const signal = new AbortController().signal;

test('the last certificate of the chain that is really served', async () => {
  const issuer = await startIssuer();
  try {
    const top = new X509Certificate(issuer.ca).fingerprint.replaceAll(':', '').toLowerCase();
    assert.equal(await servedThumbprint(issuer.url, signal, { env: {}, connectTo: issuer.connectTo }), top);
  } finally {
    await issuer.close();
  }
});

test('a host that does not answer is named, with what to do', async () => {
  const issuer = await startIssuer();
  await issuer.close();
  await assert.rejects(servedThumbprint(issuer.url, signal, { env: {}, connectTo: issuer.connectTo }), {
    code: 'ISSUER_UNREACHABLE',
    message:
      /^issuer https:\/\/issuer\.test\/cluster: could not read the certificate chain from 127\.0\.0\.1:\d+: .*; publish the issuer first, or give --thumbprint$/,
  });
});
