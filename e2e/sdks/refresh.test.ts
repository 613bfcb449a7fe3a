import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../testing/wait-for.ts';
import { accessKeyOf, startEndingSessions } from '../setup/aws/ending-sessions.ts';
import { installedSdks } from './installed.ts';
import { redirectMetadata } from './metadata-network.ts';
import { type RecordedRequest, startRecorder } from './recorder.ts';
import { startRoleOnRadosgw } from './role-on-radosgw.ts';
import { startClient } from './run-client.ts';
import { type Sdk, sdksIn } from './sdks.ts';
import { LEADING_TO, startSidecar } from './start-sidecar.ts';

/**
 * Real SDKs after the end of a session: a client gets an object, its session ends, and it gets the object
 * again with another session. Sessions of this STS end after some seconds. The sidecar renews them half way,
 * as it renews sessions of an hour.
 */
/**
 * A session that the sidecar serves has at least 45 % of its lifetime left; JavaScript's SDK 2 treats one
 * with 15 s left as expired.
 */
const SESSION_SECONDS = 36;

const sdks = sdksIn(installedSdks(process.env['PODROLE_E2E_SDKS'])).filter(({ isOneShot }) => !isOneShot);
const role = await startRoleOnRadosgw();
after(() => role.stop());
const sts = await startEndingSessions(role.object.endpoint, SESSION_SECONDS);
after(() => sts.stop());
const sidecar = await startSidecar(role, `http://127.0.0.1:${sts.port}`, []);
after(() => sidecar.stop('SIGKILL'));
after(await redirectMetadata());

const clients = await Promise.all(
  sdks.flatMap((sdk) => [
    ...(sdk.keepsExpiring ? [] : [start(sdk, 'metadata')]),
    ...(sdk.relativeUri ? [start(sdk, 'relativeUri')] : []),
  ]),
);
after(() => Promise.all(clients.map(({ s3 }) => s3.stop())));
await Promise.all(clients.map(({ client }) => client.get()));
const ended = Date.now() + SESSION_SECONDS * 1_000;
await waitFor(
  () => Date.now() > ended,
  'the end of every session that was used',
  2 * SESSION_SECONDS * 1_000,
);
await Promise.all(clients.map(({ client }) => client.get()));

for (const { name, client, s3 } of clients) {
  test(name, async () => {
    const { stdout, stderr } = await client.end();
    assert.equal(stdout, role.content.repeat(2), stderr);
    const keys = (await s3.take()).map(signerOf);
    assert.notEqual(keys.at(0), keys.at(-1), 'the second request has another session');
  });
}

async function start(sdk: Sdk, by: keyof typeof LEADING_TO) {
  const s3 = await startRecorder(0, Number(new URL(role.object.endpoint).port));
  const object = { ...role.object, endpoint: `http://127.0.0.1:${s3.port}` };
  return {
    name: `${by}: ${sdk.name}`,
    s3,
    client: await startClient(sdk, object, LEADING_TO[by](role.tokenFile)),
  };
}

function signerOf({ url, headers }: RecordedRequest): string {
  const key = accessKeyOf(headers['authorization']);
  assert.ok(key, `${url} is signed`);
  return key;
}
