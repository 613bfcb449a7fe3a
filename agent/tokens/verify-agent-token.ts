import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { bare } from '../../metadata/container-credentials/authorization.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { type AgentToken, tokenRefused } from './agent-token.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import { grantedBy } from './granted-by.ts';
import { parseAgentToken } from './parse-agent-token.ts';
import { createRemembered } from './remembered.ts';
import type { ServiceAccountRoles } from './service-account-roles.ts';

/** Pod and grant for which a token stands. */
export interface TokenHolder {
  readonly pod: NodePod;
  readonly grant: Grant;
}

/** Verifies the `Authorization` of requests to the agent. */
export interface AgentTokenVerifier {
  /**
   * Returns the pod and the grant for which a token stands. The pod runs on this node now. From which address
   * the token came is not looked at: see refuseForeignToken.
   * @param authorization with or without `Bearer `
   * @throws PodroleError `AGENT_TOKEN_REFUSED`, `NO_ROLE`; others if the API server cannot be asked
   */
  readonly verifyAgentToken: (authorization: string) => Promise<TokenHolder>;
}

/** Pods of this node, as far as tokens need them. */
export interface PodsByUid {
  readonly byUid: (uid: string) => NodePod | undefined;
  /** Lists them, for a pod that the watch has not shown yet. */
  readonly listNow: () => Promise<{ readonly pods: Iterable<NodePod> }>;
}

export interface AgentTokenVerifierOptions {
  readonly keys: ClusterKeys;
  readonly pods: PodsByUid;
  /** Undefined without `--service-account-roles`. */
  readonly roles: ServiceAccountRoles | undefined;
  readonly clock: Clock;
}

/**
 * Time for which a verified token counts without another look at the keys, if it does not expire before. A
 * key that the cluster withdraws counts for this long.
 */
const VERIFIED_MS = 5 * 60_000;
/** Tokens of 500 pods with several containers, old and new ones. */
const MAX_VERIFIED = 4_096;

/**
 * Time for which the result of a list counts. A pod is bound to its node before it has a token, so one that a
 * list did not show is not here.
 */
const LISTED_MS = 5_000;
const MAX_LISTED = 1_024;

export function createAgentTokenVerifier(options: AgentTokenVerifierOptions): AgentTokenVerifier {
  const { keys, pods, roles, clock } = options;
  const verified = createRemembered<AgentToken>(MAX_VERIFIED, clock.monotonicMs);
  const listed = createRemembered<{ readonly pod: NodePod | undefined }>(MAX_LISTED, clock.monotonicMs);

  async function verify(text: string): Promise<AgentToken> {
    const key = createHash('sha256').update(text).digest('base64');
    const known = verified.get(key);
    const nowMs = clock.now().getTime();
    if (known && nowMs < known.expiresAtMs) return known;
    const token = await parseAgentToken(text, keys, clock.now());
    verified.set(key, token, clock.monotonicMs() + VERIFIED_MS);
    return token;
  }

  async function podWith(uid: string): Promise<NodePod | undefined> {
    const watched = pods.byUid(uid);
    if (watched) return watched;
    const known = listed.get(uid);
    if (known) return known.pod;
    const pod = podIn((await pods.listNow()).pods, uid);
    listed.set(uid, { pod }, clock.monotonicMs() + LISTED_MS);
    return pod;
  }

  return {
    verifyAgentToken: async (authorization) => {
      const token = await verify(bare(authorization));
      const pod = await podWith(token.podUid);
      if (!pod) throw tokenRefused('is of a pod that is not on this node');
      refuseOtherPod(token, pod);
      return { pod, grant: await grantedBy(token.audience, pod, roles) };
    },
  };
}

function podIn(pods: Iterable<NodePod>, uid: string): NodePod | undefined {
  for (const pod of pods) if (pod.uid === uid) return pod;
  return undefined;
}

function refuseOtherPod(token: AgentToken, pod: NodePod): void {
  if (pod.isFinished) throw tokenRefused('is of a pod that has finished');
  const isSame =
    pod.namespace === token.namespace &&
    pod.name === token.podName &&
    pod.serviceAccountName === token.serviceAccountName;
  if (!isSame) throw tokenRefused('has other names than the pod with its UID');
}
