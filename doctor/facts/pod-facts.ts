import { z } from 'zod';
import type { FactsOf } from './reading.ts';

/**
 * A variable of a container. Only variables that decide about credentials are kept (lib/contract/sdk.ts,
 * podrole's own, proxies, regions); the value of one that may hold a key, a token or a secret path is not.
 */
const variable = z.object({
  name: z.string(),
  /** Left out for a secret one, and for one that is set from elsewhere. */
  value: z.string().optional(),
  /** Kind of place that `valueFrom` names: the downward API is `field`. */
  from: z.enum(['secret', 'configMap', 'field', 'other']).optional(),
});

const mount = z.object({ path: z.string(), volume: z.string(), subPath: z.string().optional() });

const container = z.object({
  name: z.string(),
  /** `sidecar`: an init container with restartPolicy Always. */
  kind: z.enum(['container', 'init', 'sidecar', 'ephemeral']),
  image: z.string(),
  env: z.array(variable),
  /** True if envFrom adds variables that are not seen here. */
  hasEnvFrom: z.boolean(),
  mounts: z.array(mount),
  /** Of the container, else of the pod. */
  runAsUser: z.number().optional(),
  runAsGroup: z.number().optional(),
  /** Of the container, else of the pod: kubelet refuses to run it as root. */
  runAsNonRoot: z.boolean().optional(),
  /** True if its arguments hold `--region`. */
  hasRegionArgument: z.boolean(),
  ready: z.boolean().optional(),
  restarts: z.number().optional(),
  /** Reason and message of `waiting` or of the last `terminated`. */
  trouble: z.string().optional(),
});

/** A token source of a projected volume. */
const tokenVolume = z.object({
  volume: z.string(),
  path: z.string(),
  /** Undefined: that of the API server. */
  audience: z.string().optional(),
  expirationSeconds: z.number(),
  /** File mode as a number, from `defaultMode`. */
  mode: z.number(),
});

export const podFactsSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  createdAt: z.string(),
  /** Those whose keys podrole, the AWS webhook, kube2iam or kiam know. */
  annotations: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
  serviceAccountName: z.string(),
  node: z.string().optional(),
  hostNetwork: z.boolean(),
  isWindows: z.boolean(),
  fsGroup: z.number().optional(),
  phase: z.string(),
  /** Kind and name of the controller: `ReplicaSet/web-5f1c`. */
  owner: z.string().optional(),
  containers: z.array(container),
  tokenVolumes: z.array(tokenVolume),
});

/** A pod as far as its credentials depend on it. */
export type PodFacts = FactsOf<typeof podFactsSchema>;
export type ContainerFacts = PodFacts['containers'][number];
