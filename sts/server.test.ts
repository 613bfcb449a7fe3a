import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createAuthority, type KeyPair } from '../testing/certificates/certificates.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';
import { startPodrole } from '../testing/processes/server-process.ts';
import { useForwardProxy } from '../testing/proxies/forward-proxy.ts';

const issuer = await useIssuer();
const proxy = await useForwardProxy();
let folder: string;
let ca: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podrole-sts-'));
  const authority = await createAuthority('sts authority');
  ca = authority.cert;
  const { key, cert }: KeyPair = await authority.issue(['localhost', '127.0.0.1']);
  const trustPolicy = { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:*' } };
  const files = {
    'tls.key': key,
    'tls.crt': cert,
    'trust.json': JSON.stringify(trustPolicy),
    'sts.yaml': `
providers: [{ url: https://oidc.example.com, clientIDs: [sts.amazonaws.com], caFile: tls.crt }]
roles: [{ arn: arn:aws:iam::111122223333:role/web, trustPolicyFile: trust.json }]
`,
    'broken.yaml': 'providers: [{ url: http://a, clientIDs: [a], caFile: none.crt }]\nroles: [{}]\n',
    'no.yaml': 'a: [',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});
after(() => rm(folder, { recursive: true }));

const config = (name: string) => ['sts', '--config', join(folder, name), '--port', '0'];

test('serves http, logs its URL, and ends on SIGTERM', async () => {
  const sts = await startPodrole(config('sts.yaml'));
  try {
    const { port, url } = sts.listening;
    assert.equal(url, `http://127.0.0.1:${port}`);
    assert.equal(await (await fetch(`${url}/healthz`)).text(), 'ok\n');
  } finally {
    assert.equal(await sts.stop(), 0);
  }
});

test('fetches the keys of an issuer through the proxy', async () => {
  proxy.routes.set('issuer.test', issuer.connectTo.port);
  await writeFile(join(folder, 'issuer.crt'), issuer.ca);
  const { url } = issuer;
  const provider = `{ url: '${url}', clientIDs: [sts.amazonaws.com], caFile: issuer.crt }`;
  const role = '{ arn: arn:aws:iam::111122223333:role/web, trustPolicyFile: trust.json }';
  await writeFile(join(folder, 'proxied.yaml'), `providers: [${provider}]\nroles: [${role}]\n`);
  const sts = await startPodrole(config('proxied.yaml'), { env: { HTTPS_PROXY: proxy.url } });
  try {
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::111122223333:role/web',
      RoleSessionName: 'test',
      WebIdentityToken: await issuer.sign(),
    });
    await (await fetch(String(sts.listening['url']), { method: 'POST', body })).text();
    assert.deepEqual(issuer.requests, [
      '/cluster/.well-known/openid-configuration',
      '/cluster/openid/v1/jwks',
    ]);
    assert.deepEqual(proxy.targets, ['CONNECT issuer.test:443', 'CONNECT issuer.test:443']);
  } finally {
    assert.equal(await sts.stop(), 0);
  }
});

test('serves https', async () => {
  const tls = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
  const sts = await startPodrole([...config('sts.yaml'), ...tls]);
  try {
    const outgoing = request(`${sts.listening['url']}/healthz`, { ca, agent: false }).end();
    const [response] = await once(outgoing, 'response');
    assert.equal(await text(response), 'ok\n');
  } finally {
    assert.equal(await sts.stop(), 0);
  }
});

const refused: readonly (readonly [string, () => readonly string[], readonly RegExp[]])[] = [
  ['no configuration', () => ['sts'], [/--config: is not set/]],
  ['a missing file', () => config('none.yaml'), [/--config .*none\.yaml: does not exist; /]],
  ['a file that is not YAML', () => config('no.yaml'), [/--config .*no\.yaml/]],
  [
    'every fault of a configuration',
    () => config('broken.yaml'),
    [
      /providers\[0\]\.url: is not/,
      /providers\[0\]\.caFile: .*none\.crt: does not exist/,
      /roles\[0\]\.arn/,
      /roles\[0\]: needs either/,
    ],
  ],
  [
    'a certificate without its key',
    () => [...config('sts.yaml'), '--tls-cert', join(folder, 'tls.crt')],
    [/--tls-cert, --tls-key: only one of them is set/],
  ],
  [
    'a certificate file with other content',
    () => [
      ...config('sts.yaml'),
      '--tls-cert',
      join(folder, 'trust.json'),
      '--tls-key',
      join(folder, 'tls.key'),
    ],
    [/--tls-cert .*trust\.json/],
  ],
];
for (const [name, args, messages] of refused) {
  test(`does not start: ${name}`, async () => {
    await assert.rejects(startPodrole(args()), ({ message }: Error) => {
      for (const pattern of messages) assert.match(message, pattern);
      return true;
    });
  });
}
