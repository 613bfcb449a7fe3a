import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { systemClock } from '../../lib/clock.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { ROLE, startLocalSts } from '../../testing/aws/local-sts.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { type ContainerExchangeOptions, exchangeForContainers } from './exchange-for-containers.ts';

const SHOP = 'arn:aws:iam::111122223333:role/shop';
const PRINCIPAL = { Principal: { AWS: ROLE } };
const issuer = await useIssuer();
const sts = await startLocalSts(issuer, [
  {
    arn: SHOP,
    trustPolicy: {
      Statement: [
        { Effect: 'Allow', ...PRINCIPAL, Action: 'sts:AssumeRole' },
        {
          Effect: 'Allow',
          ...PRINCIPAL,
          Action: 'sts:TagSession',
          Condition: { StringEquals: { 'aws:RequestTag/podrole-compose-service': 'web' } },
        },
      ],
    },
  },
]);
after(() => sts.close());
const folder = mkdtempSync(join(tmpdir(), 'podrole-containers-'));
after(() => rmSync(folder, { recursive: true }));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, await issuer.sign());

const host = await sts.assume();
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: host.accessKeyId,
  AWS_SECRET_ACCESS_KEY: host.secretAccessKey,
  AWS_SESSION_TOKEN: host.sessionToken,
  AWS_EC2_METADATA_DISABLED: 'true',
});
delete process.env['AWS_PROFILE'];

function role(arn: string): RoleArn {
  const parsed = parseRoleArn(arn);
  assert.ok(parsed);
  return parsed;
}

function container(name: string, service: string): HostContainer {
  const place = {
    id: 'a'.repeat(64),
    image: 'web:1',
    pid: 7,
    networkMode: 'bridge',
    networkNamespace: '',
    endpoints: [],
  };
  const labels = new Map([
    ['com.docker.compose.project', 'shop'],
    ['com.docker.compose.service', service],
  ]);
  return { ...place, name, labels, environment: new Map(), isRunning: true };
}

function open(options: Partial<ContainerExchangeOptions>) {
  return exchangeForContainers({
    sts: { endpoint: new URL(sts.url), caFile: undefined, durationSeconds: 3_600 },
    region: 'eu-central-1',
    tokenFile: undefined,
    hasSessionTags: false,
    env: process.env,
    own: { ports: [], addresses: [] },
    clock: systemClock,
    ...options,
  });
}

const grant = (arn: string, sessionPolicy?: string) =>
  ({ role: role(arn), sessionPolicy, source: 'label' }) as const;
const POLICY = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

test("the host's own credentials assume the role; the session has the name of the container", async () => {
  const exchangeFor = open({});
  const { assumedRoleArn } = await exchangeFor(
    container('shop-web-1', 'db'),
    grant(SHOP, POLICY),
  )(NEVER_ABORTED);
  assert.equal(assumedRoleArn, 'arn:aws:sts::111122223333:assumed-role/shop/podrole-shop-web-1');
});

test('with session tags, a trust policy decides by Compose service', async () => {
  const exchangeFor = open({ hasSessionTags: true });
  await exchangeFor(container('shop-web-1', 'web'), grant(SHOP))(NEVER_ABORTED);
  await assert.rejects(
    exchangeFor(container('shop-db-1', 'db'), grant(SHOP))(NEVER_ABORTED),
    (thrown) =>
      thrown instanceof ExchangeError && /AccessDenied.*sts:TagSession.*--session-tags/.test(thrown.message),
  );
  // An image can have the label of Compose, but not the name.
  await assert.rejects(exchangeFor(container('pretender', 'web'), grant(SHOP))(NEVER_ABORTED));
});

test('a token is exchanged without tags, narrowed by the session policy', async () => {
  const exchangeFor = open({ tokenFile, hasSessionTags: true });
  const { session, assumedRoleArn } = await exchangeFor(
    container('web', 'db'),
    grant(ROLE, POLICY),
  )(NEVER_ABORTED);
  assert.equal(assumedRoleArn, 'arn:aws:sts::111122223333:assumed-role/web/podrole-web');
  const next = new AssumeRoleCommand({ RoleArn: SHOP, RoleSessionName: 'x1' });
  await assert.rejects(sts.client(session).send(next), { name: 'AccessDenied' });
});

test('a refused token names the trust policy for tokens, and no ServiceAccount', async () => {
  const exchangeFor = open({ tokenFile });
  await assert.rejects(
    exchangeFor(container('web', 'web'), grant(SHOP))(NEVER_ABORTED),
    (thrown) =>
      thrown instanceof ExchangeError &&
      /trust policy of \S+role\/shop allows sts:AssumeRoleWithWebIdentity/.test(thrown.message) &&
      !thrown.message.includes('ServiceAccount'),
  );
});
