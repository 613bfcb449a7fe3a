import { z } from 'zod';
import { awsFactsSchema } from './aws-facts.ts';
import { clusterFactsSchema } from './cluster-facts.ts';
import { issuerFactsSchema } from './issuer-facts.ts';
import type { FactsOf } from './reading.ts';
import { roleRulesSchema } from './rule-facts.ts';

/** Facts of one chain: one ServiceAccount or one container of its pods, one role. Plain JSON: `--save`. */
export const chainFactsSchema = z.object({
  /** Time of the collection. Judgements about time use this, and not the clock. */
  collectedAt: z.string(),
  /** Object that the user asked about. */
  subject: z.object({
    kind: z.enum(['pod', 'serviceaccount', 'deployment', 'statefulset', 'daemonset', 'job', 'cronjob']),
    namespace: z.string(),
    name: z.string(),
  }),
  /** ServiceAccount of the subject. */
  serviceAccountName: z.string(),
  /** Container whose own role this chain is about; undefined: the role of the pod. */
  container: z.string().optional(),
  /** Role that the judged pod, or the template of its workload, names by an annotation of its own. */
  podRole: z
    .object({
      /** Key of the annotation. */
      key: z.string(),
      given: z.string(),
      /** Undefined if the value cannot be completed to the ARN of a role. */
      roleArn: z.string().optional(),
      /** The option of the webhook is known; else the pod that was only validated shows it. */
      isConfigured: z.boolean(),
      sessionName: z.string().optional(),
      hasExternalId: z.boolean(),
    })
    .optional(),
  /** The role that the pod should have: by annotation, or by ConfigMap of the webhook. */
  grant: z.object({ roleArn: z.string(), audience: z.string() }).optional(),
  /** Settings that change a judgement. */
  settings: z.object({
    annotationPrefix: z.string(),
    tokenAudience: z.string(),
    stsEndpointUrl: z.string().optional(),
    /** Which namespaces may use which roles; left out by older versions, which did not judge it. */
    roleRules: roleRulesSchema.optional(),
  }),
  cluster: clusterFactsSchema,
  issuer: issuerFactsSchema.optional(),
  aws: awsFactsSchema,
});

export type ChainFacts = FactsOf<typeof chainFactsSchema>;
