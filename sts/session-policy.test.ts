import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { CALL, ROLE, SESSION_ARN, startLocalSts } from '../testing/aws/local-sts.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';

const named = (name: string, principal: string) => ({
  arn: `arn:aws:iam::111122223333:role/${name}`,
  trustPolicy: { Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: 'sts:AssumeRole' } },
});
const issuer = await useIssuer();
const sts = await startLocalSts(issuer, [
  named('allowed', ROLE),
  named('other', ROLE),
  named('by-session', SESSION_ARN),
  named('denied', SESSION_ARN),
  named('next', 'arn:aws:iam::111122223333:role/allowed'),
]);
after(() => sts.close());

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arn('allowed') },
    { Effect: 'Deny', Action: 'sts:*', Resource: arn('denied') },
  ],
});

async function narrowed(): Promise<ReturnType<typeof sts.client>> {
  const call = { ...CALL, WebIdentityToken: await issuer.sign(), Policy: POLICY };
  return clientOf(await sts.client().send(new AssumeRoleWithWebIdentityCommand(call)));
}

function clientOf({ Credentials: given }: { readonly Credentials?: Credentials | undefined }) {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {};
  return sts.client({
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  });
}

const assume = (name: string, Policy?: string) =>
  new AssumeRoleCommand({ RoleArn: arn(name), RoleSessionName: 'x1', ...(Policy && { Policy }) });

test('a session with a policy assumes only what the policy allows', async () => {
  const session = await narrowed();
  assert.equal((await session.send(new GetCallerIdentityCommand({}))).Arn, SESSION_ARN);
  await session.send(assume('allowed'));
  await assert.rejects(session.send(assume('other')), { name: 'AccessDenied' });
  assert.match(String(sts.lines.at(-1)?.['detail']), /^session policy/);
});

test('a trust policy that names the session itself needs no Allow of it, and a Deny is final', async () => {
  const session = await narrowed();
  await session.send(assume('by-session'));
  await assert.rejects(session.send(assume('denied')), { name: 'AccessDenied' });
});

test('the session of AssumeRole is narrowed by its own policy', async () => {
  const session = await narrowed();
  await clientOf(await session.send(assume('allowed'))).send(assume('next'));
  const next = clientOf(await session.send(assume('allowed', POLICY)));
  await assert.rejects(next.send(assume('next')), { name: 'AccessDenied' });
});
