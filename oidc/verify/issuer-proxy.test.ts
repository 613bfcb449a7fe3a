import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { servedThumbprint } from '../../bind/facts/served-thumbprint.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';
import { useForwardProxy } from '../../testing/proxies/forward-proxy.ts';
import { fetchIssuerKeys } from './issuer-documents.ts';

const issuer = await useIssuer();
const proxy = await useForwardProxy();
proxy.routes.set('issuer.test', issuer.connectTo.port);
const env = { HTTPS_PROXY: proxy.url };
const { url, ca, connectTo } = issuer;
const TUNNEL = 'CONNECT issuer.test:443';
const signal = new AbortController().signal;

test('the documents of an issuer are fetched through the proxy, and its certificate is verified', async () => {
  assert.deepEqual((await fetchIssuerKeys({ issuer: url, ca, env })).keys.length, 1);
  assert.deepEqual(proxy.targets, [TUNNEL, TUNNEL]);
  await assert.rejects(fetchIssuerKeys({ issuer: url, env }), { kind: 'certificate' });
});

test('an address to connect to excludes the proxy', async () => {
  await fetchIssuerKeys({ issuer: url, ca, connectTo, env });
  await servedThumbprint(url, signal, { connectTo, env });
  assert.deepEqual(proxy.targets, []);
});

test('a proxy that refuses is named, and the issuer counts as unreachable', async () => {
  proxy.conduct = 403;
  await assert.rejects(fetchIssuerKeys({ issuer: url, ca, env }), {
    kind: 'unreachable',
    message: /proxy http:\/\/127\.0\.0\.1:\d+: answered 403, when it was asked for issuer\.test:443/,
  });
  await assert.rejects(servedThumbprint(url, signal, { env }), { code: 'PROXY_FAILED' });
});

test('the served chain is read through the proxy', async () => {
  const top = new X509Certificate(ca).fingerprint.replaceAll(':', '').toLowerCase();
  assert.equal(await servedThumbprint(url, signal, { env }), top);
  assert.deepEqual(proxy.targets, [TUNNEL]);
});
