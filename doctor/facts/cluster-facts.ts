import { z } from 'zod';
import { podFactsSchema } from './pod-facts.ts';
import { type FactsOf, reading } from './reading.ts';
import { namespaceRulesSchema } from './rule-facts.ts';

const serviceAccount = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  createdAt: z.string(),
  annotations: z.record(z.string(), z.string()),
  /** Time of the last change of its annotations, by managedFields. */
  annotatedAt: z.string().optional(),
});

const selector = z.object({
  matchLabels: z.record(z.string(), z.string()),
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()) })),
});

/** One webhook of a MutatingWebhookConfiguration that gives pods roles: podrole's, or that of AWS. */
const webhook = z.object({
  configuration: z.string(),
  name: z.string(),
  kind: z.enum(['podrole', 'aws']),
  createdAt: z.string(),
  /** `namespace/name` of the Service, with its port; undefined if a URL is asked. */
  service: z.object({ namespace: z.string(), name: z.string(), port: z.number() }).optional(),
  url: z.string().optional(),
  failurePolicy: z.string(),
  namespaceSelector: selector,
  objectSelector: selector,
  /** True if a rule matches the creation of pods. */
  matchesPods: z.boolean(),
  /** Certificates of the CA bundle. Empty if there is none, or if it cannot be read. */
  caCertificates: z.array(z.object({ subject: z.string(), notBefore: z.string(), notAfter: z.string() })),
  /** Endpoints of the Service; undefined for a URL. */
  endpoints: reading(z.object({ ready: z.number(), notReady: z.number() })).optional(),
});

/** Fate of a pod of this ServiceAccount that was only sent to be validated (dryRun). */
const dryRun = z.object({
  /** As admission returned it. */
  pod: podFactsSchema.optional(),
  /** Admission warnings of the API server. */
  warnings: z.array(z.string()),
  /** Words of the API server if it refused the pod. */
  refused: z.string().optional(),
});

/** A DaemonSet that answers metadata or container credentials on every node. */
const nodeAgent = z.object({
  kind: z.enum(['kube2iam', 'kiam', 'eks-pod-identity-agent', 'podrole-agent']),
  namespace: z.string(),
  name: z.string(),
  desired: z.number(),
  ready: z.number(),
  /** State of its pod on the node of the judged pod. */
  onNode: z.enum(['ready', 'not ready', 'none', 'unknown']),
  /** Of podrole's agent: its variables for region and endpoint of STS. Left out by older versions. */
  stsEnv: reading(z.record(z.string(), z.string())).optional(),
});

/** A token by TokenRequest with the audience of the pod. Never the token itself. */
const token = z.object({
  header: z.object({ alg: z.string(), kid: z.string().optional() }),
  issuer: z.string(),
  subject: z.string(),
  audiences: z.array(z.string()),
  issuedAt: z.string(),
  expiresAt: z.string(),
  length: z.number(),
  /** True if a key of the set verifies the signature. */
  verifiedByApiServerKeys: z.boolean().optional(),
  verifiedByPublishedKeys: z.boolean().optional(),
});

/** Discovery document and key set of the API server, which has them even if nobody publishes them. */
const apiServer = z.object({
  issuer: z.string(),
  jwksUri: z.string(),
  /** kid of each key. */
  keys: z.array(z.string()),
  version: z.string().optional(),
});

export const clusterFactsSchema = z.object({
  /** Context of the kubeconfig; empty within a pod. */
  context: z.string(),
  namespaceLabels: reading(z.record(z.string(), z.string())),
  /** Left out by older versions. */
  namespaceRules: reading(namespaceRulesSchema).optional(),
  serviceAccount: reading(serviceAccount),
  webhooks: reading(z.array(webhook)),
  dryRun: reading(dryRun),
  /** The pod that is judged: the named one, or the newest one of the workload or ServiceAccount. */
  pod: reading(podFactsSchema),
  /** Warnings among the events of the pod, the oldest first. */
  events: reading(
    z.array(z.object({ reason: z.string(), message: z.string(), lastSeen: z.string(), count: z.number() })),
  ),
  /** Words of the API server to controllers of the workload whose pods it refuses, the newest last. */
  refusals: reading(z.array(z.string())).optional(),
  nodeAgents: reading(z.array(nodeAgent)),
  apiServer: reading(apiServer),
  token: reading(token),
  /** True if the API server takes a token with the audience of the pod for a login. */
  apiServerAcceptsToken: reading(z.boolean()),
  /** Clock of the API server minus that of this machine, by its Date header. */
  clockSkewSeconds: reading(z.number()),
});

export type ClusterFacts = FactsOf<typeof clusterFactsSchema>;
export type WebhookFacts = FactsOf<typeof webhook>;
export type ServiceAccountFacts = FactsOf<typeof serviceAccount>;
export type DryRunFacts = FactsOf<typeof dryRun>;
export type NodeAgentFacts = FactsOf<typeof nodeAgent>;
export type TokenFacts = FactsOf<typeof token>;
