import { buildTargetRole } from '../../credentials/chain/build-target-role.ts';
import { chainExchange } from '../../credentials/chain/chain-exchange.ts';
import { exchangeToken } from '../../credentials/exchange/exchange.ts';
import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import type { StsAddress } from '../../credentials/exchange/sts-address.ts';
import type { Exchange } from '../../credentials/pool/exchange-once.ts';
import { sessionNameFor } from '../../credentials/session-name.ts';
import type { Clock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { podTokenFile, readPodToken } from '../tokens/token-file.ts';
import type { ExchangeForPod } from './sessions-of-pods.ts';

export interface PodExchangeOptions {
  /** The agent's own STS. Nothing of a pod leads to another one. */
  readonly sts: StsAddress & { readonly durationSeconds: number };
  readonly region: string;
  /** `--cluster-name`, which target roles need. */
  readonly clusterName?: string | undefined;
  /** `/var/lib/kubelet/pods` */
  readonly kubeletPodsFolder: string;
  readonly clock: Clock;
}

/**
 * Returns what exchanges the tokens of pods: the pod's own token for its role and, if the grant names a
 * target, the session of that role for one of the target.
 */
export function exchangeForPods(options: PodExchangeOptions): ExchangeForPod {
  return (pod, grant) => {
    const { target } = grant;
    const base = (signal: AbortSignal) => exchangeOwnToken(pod, grant, options, signal);
    return target ? chained({ pod, grant, target, base }, options) : base;
  };
}

function exchangeOwnToken(
  pod: NodePod,
  grant: Grant,
  { sts, kubeletPodsFolder, clock }: PodExchangeOptions,
  signal: AbortSignal,
) {
  const file = podTokenFile(kubeletPodsFolder, pod.uid, grant.token);
  if (!file) return Promise.reject(unreadable(pod));
  const asked = {
    ...sts,
    roleArn: grant.role.arn,
    sessionName: sessionNameOf(pod, grant),
    tokenFile: file.path,
    readToken: () => readPodToken(file),
  };
  return exchangeToken(asked, clock.now, signal);
}

function sessionNameOf({ name }: NodePod, { sessionName }: Grant): string {
  return sessionName || sessionNameFor(name);
}

interface Chain {
  readonly pod: NodePod;
  readonly grant: Grant;
  readonly target: NonNullable<Grant['target']>;
  readonly base: Exchange;
}

/** The target is built at the first exchange: what is wrong with it is then a failure like any other. */
function chained({ pod, grant, target, base }: Chain, options: PodExchangeOptions): Exchange {
  const { sts, region, clusterName, clock } = options;
  let exchange: Exchange | undefined;
  return async (signal) => {
    exchange ??= chainExchange({
      exchangeBase: base,
      target: targetRoleOf(pod, grant, target, { region, clusterName }),
      sts: { ...sts, region, sessionName: sessionNameOf(pod, grant) },
      clock,
    });
    return exchange(signal);
  };
}

function targetRoleOf(
  { namespace, serviceAccountName, name, uid }: NodePod,
  { role }: Grant,
  target: NonNullable<Grant['target']>,
  { region, clusterName }: Pick<PodExchangeOptions, 'region' | 'clusterName'>,
) {
  const pod = { namespace, serviceAccountName, podName: name, podUid: uid };
  const { role: targetRole, hasSessionTags } = target;
  try {
    return buildTargetRole({ ...pod, role, region, clusterName, targetRole, hasSessionTags });
  } catch (thrown) {
    // Nothing changes until somebody changes the settings of the agent, which starts it again.
    const [fault] = thrown instanceof PodroleError ? thrown.faults : [];
    throw fault ? new ExchangeError(fault, 'late', { cause: thrown }) : thrown;
  }
}

function unreadable({ namespace, name }: NodePod): ExchangeError {
  const fault = {
    code: 'TOKEN_UNREADABLE',
    object: `token of pod ${namespace}/${name}`,
    problem: 'has a volume, path or UID that no API server accepts',
    remedy: 'create the pod again with the webhook of podrole',
  } as const;
  return new ExchangeError(fault, 'late');
}
