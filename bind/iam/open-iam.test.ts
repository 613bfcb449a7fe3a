import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { useForwardProxy } from '../../testing/proxies/forward-proxy.ts';
import { iamError } from './iam-fault.ts';
import { openIam } from './open-iam.ts';

const proxy = await useForwardProxy();
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_REGION: 'eu-central-1',
});

/** Asks IAM through a proxy that refuses, so that nothing leaves this machine. */
async function targetOf(settings: Record<string, string>): Promise<string | undefined> {
  proxy.conduct = 403;
  Object.assign(process.env, settings);
  const iam = await openIam(undefined, { HTTPS_PROXY: proxy.url });
  try {
    const thrown = await iam.send(new ListRolesCommand({})).catch((error: unknown) => error);
    const { code, message } = iamError(thrown, { operation: 'ListRoles', object: 'roles' });
    assert.equal(code, 'PROXY_FAILED');
    assert.ok(message.startsWith(`proxy ${proxy.url}: answered 403, when it was asked for `), message);
    return proxy.targets.at(-1);
  } finally {
    iam.destroy();
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}

test('IAM is asked through the proxy, at the endpoint of the asked kind', async () => {
  assert.equal(await targetOf({}), 'CONNECT iam.amazonaws.com:443');
  assert.equal(await targetOf({ AWS_USE_FIPS_ENDPOINT: 'true' }), 'CONNECT iam-fips.amazonaws.com:443');
  assert.equal(await targetOf({ AWS_USE_DUALSTACK_ENDPOINT: 'true' }), 'CONNECT iam.global.api.aws:443');
});
