import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseRoleArn } from '../../lib/arn.ts';
import { createSessions } from '../../sts/sessions.ts';
import { verifySignature } from '../../sts/signature/verify-signature.ts';
import { answerXml, startStsPeer, stsErrorXml, targetCredentialsXml } from '../../testing/aws/sts-peer.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { useForwardProxy } from '../../testing/proxies/forward-proxy.ts';
import { assumeTarget } from './assume-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-sign-'));
const authority = await createAuthority('private authority');
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, authority.cert);
const tls = await startStsPeer(await authority.issue(['sts.test']));
const plain = await startStsPeer();
const proxy = await useForwardProxy();
proxy.routes.set('sts.test', Number(new URL(tls.url).port));
proxy.routes.set('plain.test', Number(new URL(plain.url).port));
after(async () => {
  await Promise.all([tls.close(), plain.close()]);
  rmSync(folder, { recursive: true });
});

const role = parseRoleArn('arn:aws:iam::111122223333:role/web');
assert.ok(role);
const sessions = createSessions(() => new Date());
const base = sessions.issue({ role, sessionName: 'web-1', durationSeconds: 900 });
const TARGET = 'arn:aws:iam::444455556666:role/shared/reader';

/** Verifies the signature as the local STS does. */
function verifying(peer: { readonly calls: readonly URLSearchParams[] }): RequestListener {
  return async (request, response) => {
    const { method = '', headers, url = '' } = request;
    const { pathname: path, searchParams: query } = new URL(`http://peer.test${url}`);
    const body = Buffer.from(String(peer.calls.at(-1)));
    const answer = await verifySignature({ method, path, headers, query, body }, sessions, new Date()).then(
      () => answerXml(200, () => targetCredentialsXml('arn:aws:sts::444455556666:assumed-role/reader/web-1')),
      (thrown: Error) => answerXml(403, () => stsErrorXml('SignatureDoesNotMatch', thrown.message)),
    );
    answer(request, response);
  };
}
plain.answerWith = verifying(plain);
tls.answerWith = verifying(tls);

function assume(endpoint: string, through: string | undefined, secretAccessKey = base.secretAccessKey) {
  const { accessKeyId, sessionToken, expiresAt: expiration } = base;
  const session = { accessKeyId, secretAccessKey, sessionToken, expiration, obtainedAt: new Date() };
  const tags = { 'kubernetes-pod-name': 'web-1', odd: 'a b+c/d=e:f@ü' };
  return assumeTarget(
    session,
    { roleArn: TARGET, externalId: 'eu-west-1/111122223333/a+b=c/shop/web', tags },
    {
      endpoint: new URL(endpoint),
      caFile,
      proxy: through === undefined ? undefined : new URL(through),
      region: 'eu-west-1',
      sessionName: 'web-1',
      durationSeconds: 900,
      now: () => new Date(),
      clockAheadMs: undefined,
      signal: new AbortController().signal,
    },
  );
}

for (const [endpoint, through] of [
  [plain.url, undefined],
  [`${plain.url}/sts`, undefined],
  [`${plain.url}/a/b/?c=d&c=b&a=%2F`, undefined],
  [`${plain.url}/a%20b/%C3%BC/`, undefined],
  ['http://plain.test/', proxy.url],
  ['http://plain.test:80/sts?x=1', proxy.url],
  ['https://sts.test/', proxy.url],
] as const) {
  test(`a signature holds at ${new URL(endpoint).pathname} of ${endpoint}`, async () => {
    assert.equal((await assume(endpoint, through)).session.accessKeyId, 'ASIATARGETEXAMPLE');
    await assert.rejects(assume(endpoint, through, 'another secret'), { code: 'STS_REFUSED' });
  });
}

test('a signature holds through a proxy that asks for a password', async () => {
  proxy.credentials = 'user:hunter2';
  await assume('http://plain.test/', proxy.url.replace('//', '//user:hunter2@'));
  proxy.credentials = undefined;
});
