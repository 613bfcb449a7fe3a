import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startStsPeer } from '../../../testing/aws/sts-peer.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { useForwardProxy } from '../../../testing/proxies/forward-proxy.ts';
import { awsAgents } from './outgoing.ts';
import { proxyFaultOf } from './proxy-fault.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-agents-'));
const authority = await createAuthority('private authority');
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, authority.cert);
const peer = await startStsPeer(await authority.issue(['sts.test', 'localhost']));
peer.answerWith = (_request, response) => {
  response.end(
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
  );
};
const port = Number(new URL(peer.url).port);
const proxy = await useForwardProxy();
proxy.routes.set('sts.test', port);
after(async () => {
  await peer.close();
  rmSync(folder, { recursive: true });
});

async function ask(endpoint: string, env: Record<string, string>): Promise<unknown> {
  const client = new STSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    requestHandler: await awsAgents(env),
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } catch (thrown) {
    return thrown;
  } finally {
    client.destroy();
  }
}

const USER = 'arn:aws:iam::111122223333:user/u';

test('an AWS client goes through the proxy, and trusts AWS_CA_BUNDLE', async () => {
  const env = { https_proxy: proxy.url, AWS_CA_BUNDLE: caFile };
  assert.equal(await ask('https://sts.test', env), USER);
  assert.deepEqual(proxy.targets, ['CONNECT sts.test:443']);
});

test('an AWS client reaches what needs no proxy, with AWS_CA_BUNDLE too', async () => {
  assert.equal(
    await ask(`https://localhost:${port}`, { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: caFile }),
    USER,
  );
  assert.deepEqual(proxy.targets, []);
  assert.match(String(await ask(`https://localhost:${port}`, {})), /certificate/);
});

test('the error of an AWS client names its proxy', async () => {
  proxy.conduct = 407;
  const thrown = await ask('https://sts.test', { HTTPS_PROXY: proxy.url.replace('//', '//u:hunter2@') });
  assert.equal(proxyFaultOf(thrown)?.object, `proxy ${proxy.url}`);
  assert.deepEqual(proxy.targets, ['CONNECT sts.test:443']);
});

test('a proxy is asked over TLS, and its certificate is verified', async (t) => {
  const front = createTlsServer(await authority.issue(['localhost']), (socket) => {
    const onward = connect(proxy.port, '127.0.0.1').on('error', () => socket.destroy());
    socket
      .on('error', () => onward.destroy())
      .pipe(onward)
      .pipe(socket);
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  t.after(() => front.close());
  const { port: frontPort } = front.address() as AddressInfo;
  const env = { HTTPS_PROXY: `https://localhost:${frontPort}`, HTTP_PROXY: `https://localhost:${frontPort}` };
  assert.equal(await ask('https://sts.test', { ...env, AWS_CA_BUNDLE: caFile }), USER);
  assert.deepEqual(proxy.targets, ['CONNECT sts.test:443']);
  for (const target of ['https://sts.test', 'http://sts.test']) {
    const fault = proxyFaultOf(await ask(target, env));
    assert.equal(fault?.object, `proxy https://localhost:${frontPort}`);
    assert.match(String(fault?.problem), /certificate/);
  }
});

test('an AWS_CA_BUNDLE that is missing is named', async () => {
  await assert.rejects(awsAgents({ AWS_CA_BUNDLE: join(folder, 'none') }), { code: 'UNREADABLE_FILE' });
});
