import type { AwsFacts, ExchangeFacts, RoleFactsOfDoctor } from '../../doctor/facts/aws-facts.ts';
import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';
import type { PodFacts } from '../../doctor/facts/pod-facts.ts';
import { chainFacts } from './chain-facts.ts';
import { read } from './reading.ts';

export const CHAIN_ISSUER = 'https://oidc.example.test/one';
export const CHAIN_KEY = 'oidc.example.test/one';
export const CHAIN_ACCOUNT = '111122223333';
export const CHAIN_ROLE = `arn:aws:iam::${CHAIN_ACCOUNT}:role/team/web`;
export const CHAIN_PROVIDER = `arn:aws:iam::${CHAIN_ACCOUNT}:oidc-provider/${CHAIN_KEY}`;
export const CHAIN_SUBJECT = 'system:serviceaccount:shop:web';

export const READ_POLICY = { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };

/** Condition block of a statement for exactly shop/web. */
export const CHAIN_CONDITION = {
  StringEquals: { [`${CHAIN_KEY}:sub`]: CHAIN_SUBJECT, [`${CHAIN_KEY}:aud`]: 'sts.amazonaws.com' },
};

/** Statement that lets in exactly shop/web, with changes. */
export function chainStatement(changes: object = {}): object {
  return {
    Effect: 'Allow',
    Principal: { Federated: CHAIN_PROVIDER },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: CHAIN_CONDITION,
    ...changes,
  };
}

export const DENIED = { state: 'denied', needs: 'iam:GetRole on role web', said: 'no' } as const;

export function chainRole(changes: Partial<RoleFactsOfDoctor> = {}): RoleFactsOfDoctor {
  return {
    arn: CHAIN_ROLE,
    name: 'web',
    trustPolicy: { Version: '2012-10-17', Statement: [chainStatement()] },
    trustPolicyLength: 400,
    maxSessionDurationSeconds: 3_600,
    tags: {},
    policies: read([{ name: 'own', kind: 'inline', document: read(READ_POLICY) }]),
    ...changes,
  };
}

/** The live call, which got a session. */
export function chainCall(changes: Partial<ExchangeFacts> = {}): ExchangeFacts {
  return {
    endpoint: 'https://sts.eu-central-1.amazonaws.com/',
    region: 'eu-central-1',
    isProxied: false,
    tookMs: 80,
    outcome: {
      kind: 'session',
      assumedRoleArn: `arn:aws:sts::${CHAIN_ACCOUNT}:assumed-role/web/podrole-doctor`,
      expiresAt: '2026-08-01T13:00:00.000Z',
    },
    clockSkewSeconds: 0,
    ...changes,
  };
}

/** Pod of shop/web whose only container has these variables. */
export function chainPod(env: PodFacts['containers'][number]['env'] = [], hasEnvFrom = false): PodFacts {
  return {
    namespace: 'shop',
    name: 'web-0',
    uid: 'u',
    createdAt: '2026-08-01T11:00:00Z',
    annotations: {},
    labels: {},
    serviceAccountName: 'web',
    hostNetwork: false,
    isWindows: false,
    phase: 'Running',
    containers: [
      { name: 'app', kind: 'container', image: 'app', env, hasEnvFrom, hasRegionArgument: false, mounts: [] },
    ],
    tokenVolumes: [],
  };
}

export interface ChainChanges {
  readonly aws?: Partial<AwsFacts>;
  readonly cluster?: Partial<ChainFacts['cluster']>;
  readonly chain?: Partial<ChainFacts>;
}

/** Facts of a healthy chain of shop/web as far as AWS is concerned, with changes. */
export function awsChain({ aws, cluster, chain }: ChainChanges = {}): ChainFacts {
  const unread = chainFacts();
  const claims = {
    issuer: CHAIN_ISSUER,
    subject: CHAIN_SUBJECT,
    audiences: ['sts.amazonaws.com'],
    issuedAt: '2026-08-01T12:00:00Z',
    expiresAt: '2026-08-01T13:00:00Z',
  };
  const provider = {
    arn: CHAIN_PROVIDER,
    issuer: CHAIN_ISSUER,
    clientIds: ['sts.amazonaws.com'],
    thumbprints: [],
  };
  return {
    ...unread,
    collectedAt: '2026-08-01T12:00:00.000Z',
    grant: { roleArn: CHAIN_ROLE, audience: 'sts.amazonaws.com' },
    cluster: {
      ...unread.cluster,
      token: read({ header: { alg: 'RS256' }, length: 900, ...claims }),
      clockSkewSeconds: read(0),
      ...cluster,
    },
    aws: {
      ...unread.aws,
      account: read({ accountId: CHAIN_ACCOUNT, partition: 'aws' }),
      provider: read(provider),
      role: read(chainRole()),
      exchange: read(chainCall()),
      ...aws,
    },
    ...chain,
  };
}
