import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createApiClient } from '../../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../../kubernetes/kube-config.ts';
import { openTarget } from '../../../oidc/targets/open-target.ts';
import type { PublicationTarget } from '../../../oidc/targets/target.ts';
import { useForwardProxy } from '../../../testing/proxies/forward-proxy.ts';
import { drain, listen } from '../serve.ts';
import { awsAgents } from './outgoing.ts';
import { proxyFaultOf } from './proxy-fault.ts';

const USER = 'arn:aws:iam::111122223333:user/u';
const ANSWER = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${USER}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
let status = 200;
const target = createServer((incoming, response) => {
  response.writeHead(status, { ETag: '"1"' }).end(incoming.url === '/api' ? '{"kind":"Found"}' : ANSWER);
});
const port = await listen(target, 0, '127.0.0.1');
const proxy = await useForwardProxy();
for (const host of ['sts.test', 'api.test', 's3.test']) proxy.routes.set(host, port);
after(() => drain(target, 0));

const NOWHERE = 'http://u:hunter2@127.0.0.1:1';
const AWS_KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-west-1' };

async function askSts(through: string): Promise<unknown> {
  const client = new STSClient({
    endpoint: 'http://sts.test',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: await awsAgents({ HTTP_PROXY: through }),
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } finally {
    client.destroy();
  }
}

async function askApi(through: string, path = '/api'): Promise<unknown> {
  const env = { HTTP_PROXY: through };
  const settings = { kubeconfig: undefined, kubeApi: 'http://api.test' };
  const client = createApiClient(loadKubeConfig(settings, env), env);
  try {
    return (await client.get(path, { timeoutMs: 10_000, signal: new AbortController().signal })).body;
  } finally {
    client.close();
  }
}

const KEYS = '/keys/openid/v1/jwks';
const DOCUMENT = { content: '{}', contentType: 'application/json', cacheControl: 'no-store' };

/** The SDK finds its credentials only in the environment of the process. */
async function onS3<Result>(
  through: string,
  use: (target: PublicationTarget) => Promise<Result>,
): Promise<Result> {
  const env = { ...AWS_KEYS, HTTP_PROXY: through, AWS_ENDPOINT_URL_S3: 'http://s3.test' };
  const before = { ...process.env };
  Object.assign(process.env, AWS_KEYS, { AWS_ENDPOINT_URL_S3: env.AWS_ENDPOINT_URL_S3 });
  try {
    return await use(await openTarget('s3://keys', 'https://s3.test/keys', env));
  } finally {
    process.env = before;
  }
}

const askS3 = (through: string) => onS3(through, (target) => target.read(KEYS));

const asked: readonly (readonly [what: string, ask: (through: string) => Promise<unknown>, host: string])[] =
  [
    ['an AWS client', askSts, 'sts.test'],
    ['the client of the API server', askApi, 'api.test'],
    ['the client of S3', askS3, 's3.test'],
  ];

async function faultOf(asking: Promise<unknown>) {
  const thrown = await asking.then(
    (value) => assert.fail(`answered ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(!String(thrown).includes('hunter2'));
  return proxyFaultOf(thrown);
}

for (const [what, ask, host] of asked) {
  test(`${what}, for plain http, reports a proxy that asks for credentials`, async () => {
    proxy.conduct = 407;
    const fault = await faultOf(ask(proxy.url.replace('//', '//u:hunter2@')));
    assert.equal(fault?.object, `proxy ${proxy.url}`);
    assert.equal(fault?.problem, `answered 407, when it was asked for ${host}`);
    assert.match(String(fault?.remedy), /USER:PASSWORD/);
  });

  test(`${what}, for plain http, reports a proxy that cannot be reached`, async () => {
    const fault = await faultOf(ask(NOWHERE));
    assert.equal(fault?.object, 'proxy http://127.0.0.1:1');
    assert.match(String(fault?.problem), /refuses connections.*, when it was asked for/);
  });

  test(`${what}, for plain http, reports a proxy whose answer is not HTTP`, async () => {
    proxy.conduct = 'garbage';
    assert.match(String((await faultOf(ask(proxy.url)))?.problem), /^failed: the answer is not HTTP/);
  });
}

test('what the target answers is not the fault of the proxy', async (t) => {
  t.after(() => {
    status = 200;
  });
  assert.equal(await askSts(proxy.url), USER);
  assert.deepEqual(await askApi(proxy.url), { kind: 'Found' });
  status = 403;
  assert.equal(await faultOf(askSts(proxy.url)), undefined);
});

test('a document is published to S3 through the proxy', async () => {
  await assert.doesNotReject(onS3(proxy.url, (site) => site.replace(KEYS, DOCUMENT, '"1"')));
  assert.deepEqual(proxy.targets, [
    'GET http://s3.test/keys/openid/v1/jwks?x-id=GetObject',
    'PUT http://s3.test/keys/openid/v1/jwks?x-id=PutObject',
  ]);
});
