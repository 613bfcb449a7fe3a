import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { ISSUER } from '../../setup/aws/publisher.ts';
import { startTrustingRadosgw } from '../../setup/aws/trusting-radosgw.ts';
import { credentialsByMetadata, type InContainer, s3Request } from '../../setup/docker/credential-steps.ts';
import { startDockerHost } from '../../setup/docker/docker-host.ts';
import { BUCKET, hostAws } from '../../setup/docker/host-aws.ts';
import { BUNDLE, keepDockerRules, startPodroleDocker } from '../../setup/docker/podrole-docker.ts';
import { labelled, startContainer } from '../../setup/docker/recipe-site.ts';
import { startRecordingSts } from '../../setup/docker/recording-sts.ts';
import { makeToolsImage } from '../../setup/docker/tools-image.ts';
import { runPodrole } from '../../setup/run-podrole.ts';
import { startSite } from '../../setup/temporary-site.ts';

/**
 * A Docker host without any key of AWS: a key of `podrole keys create`, published by `podrole publish`, a
 * role of `podrole bind --role-only`, a token of `podrole token --watch`, and containers with that role.
 */
const SUBJECT = 'system:serviceaccount:hosts:docker-1';
const ROLE = 'hosts-docker-1';
const site = await startSite(async () => ({}));
after(() => site.stop());
const keys = path.join(site.folder, 'pki');
const created = await runPodrole(['keys', 'create', '--out', keys], {});
assert.equal(created.code, 0, created.stderr);
const publicPem = readFileSync(path.join(keys, 'sa.pub'), 'utf8');
const { radosgw, run, file, stop } = await startTrustingRadosgw({ publicPem });
after(() => stop());
const sts = await startRecordingSts(radosgw.url);
after(() => sts.stop());
const aws = await hostAws(radosgw, sts);
const rights = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/*` }],
};
await run([
  ...['bind', '-n', 'hosts', 'docker-1', '--role-only', '--role-name', ROLE, '--issuer', ISSUER],
  ...['--policy-file', await file('rights.json', JSON.stringify(rights))],
  // radosgw refuses every token for a role with tags.
  ...['--ownership-tags=false', '--account-id', radosgw.account, '--approve'],
]);

const host = await startDockerHost();
after(() => host.stop());
await makeToolsImage(host);
await keepDockerRules(host);
const tokenFile = path.join(site.folder, 'token', 'token');
/** Writes a token at its start, and keeps it fresh. */
const keepToken = () =>
  host.start('token', process.execPath, [
    ...[BUNDLE, 'token', '--signing-key', path.join(keys, 'sa.key'), '--issuer', ISSUER],
    ...['--subject', SUBJECT, '--lifetime', '10m', '--watch', tokenFile],
  ]);
const readToken = () => readFileSync(tokenFile, 'utf8');
const keeping = keepToken();
await waitFor(() => readToken(), 'the token', undefined, keeping.ended);
const role = `${aws.roleBase}${ROLE}`;
// No credentials of the host.
const { AWS_REGION = '', AWS_ENDPOINT_URL_STS = '' } = aws.hostEnv;
const podrole = await startPodroleDocker(host, { AWS_REGION, AWS_ENDPOINT_URL_STS }, [
  ...['--token-file', tokenFile, '--allow', role],
]);
after(() => podrole.stop('SIGKILL'));

async function put(container: InContainer, key: string): Promise<number> {
  const credentials = await credentialsByMetadata(container);
  assert.equal(sts.roleOf(credentials.accessKeyId), role);
  return (await s3Request(container, `${aws.s3Url}/${BUCKET}/${key}`, credentials, '-X', 'PUT', '-d', key))
    .status;
}

test('a container has the role that the token of its host is exchanged for', async () => {
  assert.equal(await put(await startContainer(host, 'first', ...labelled(role)), 'by-token'), 200);
  const [session] = sts.given.slice(-1);
  assert.deepEqual(
    [session?.action, session?.tokenEnd],
    ['AssumeRoleWithWebIdentity', readToken().slice(-8)],
  );
});

test('a renewed token is taken for the next container', async () => {
  const former = readToken();
  await keeping.stop(10_000);
  const next = keepToken();
  await waitFor(() => readToken() !== former, 'the next token', undefined, next.ended);
  assert.equal(await put(await startContainer(host, 'second', ...labelled(role)), 'by-next-token'), 200);
  assert.equal(sts.given.at(-1)?.tokenEnd, readToken().slice(-8));
});
