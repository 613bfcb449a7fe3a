import { z } from 'zod';
import { type FactsOf, reading } from './reading.ts';

const provider = z.object({
  arn: z.string(),
  issuer: z.string(),
  clientIds: z.array(z.string()),
  thumbprints: z.array(z.string()),
});

/** A policy document with the place from which it comes. */
const policy = z.object({
  /** ARN of a managed policy, else the name of an inline one. */
  name: z.string(),
  kind: z.enum(['managed', 'inline', 'boundary']),
  document: reading(z.unknown()),
});

const role = z.object({
  arn: z.string(),
  name: z.string(),
  /** JSON value; null if it is not JSON. */
  trustPolicy: z.unknown(),
  /** Characters of the trust policy as stored. */
  trustPolicyLength: z.number().optional(),
  maxSessionDurationSeconds: z.number(),
  tags: z.record(z.string(), z.string()),
  /** Without managed ones if the server has none. */
  policies: reading(z.array(policy)),
});

/** Answer of one live AssumeRoleWithWebIdentity. Never the credentials. */
const exchange = z.object({
  endpoint: z.string(),
  region: z.string(),
  /** True if a proxy of this machine leads to it. */
  isProxied: z.boolean(),
  tookMs: z.number(),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('session'), assumedRoleArn: z.string(), expiresAt: z.string() }),
    z.object({
      kind: z.literal('refused'),
      status: z.number(),
      code: z.string(),
      requestId: z.string().optional(),
      /** Words of STS, only to be shown. */
      said: z.string(),
    }),
    z.object({
      kind: z.literal('unreachable'),
      reason: z.enum(['dns', 'refused', 'timeout', 'certificate', 'proxy', 'other']),
      said: z.string(),
    }),
  ]),
  /** Clock of STS minus that of this machine, by its Date header. */
  clockSkewSeconds: z.number().optional(),
});

export const awsFactsSchema = z.object({
  /** Account and partition of the credentials that read IAM. */
  account: reading(z.object({ accountId: z.string(), partition: z.string() })),
  /** OIDC provider of the issuer in the account of the role. */
  provider: reading(provider),
  /** ARNs of all providers, for near misses. Asked only if the provider is absent. */
  providerArns: reading(z.array(z.string())),
  role: reading(role),
  /**
   * ARNs of roles, for near misses. Asked only if the role is absent, or in another account: then only for
   * the role of that name in the own account.
   */
  roleArns: reading(z.array(z.string())),
  exchange: reading(exchange),
  /** Role that the role assumes for the pods; left out if none is named. */
  target: reading(z.object({ arn: z.string(), trustPolicy: z.unknown() })).optional(),
});

export type AwsFacts = FactsOf<typeof awsFactsSchema>;
export type RoleFactsOfDoctor = FactsOf<typeof role>;
export type ExchangeFacts = FactsOf<typeof exchange>;
