import { ROLE_ARN } from '../../pods/pods.ts';
import { NAMESPACE } from '../deployment.ts';
import { running, type UnrunPod } from '../kubelet-stand-in.ts';
import { annotate, applyWorkload, recreatePods, removeRole } from '../workload.ts';
import type { World } from '../world.ts';

const SIDECAR = 'podrole.dev/sidecar';
const SYSTEM = 'kube-system';
const KUBE2IAM = 'iam.amazonaws.com/role';

/** Worlds in which what serves credentials besides STS is broken: a sidecar, or an agent of the node. */
export const servingWorlds: readonly World[] = [
  {
    name: 'sidecar without region',
    link: 'source',
    code: 'SIDECAR_NO_REGION',
    breakIt: async (site) => {
      // The sidecar ends at once without a region, and kubelet says so.
      site.kubelet.statusOf = (pod) => (lacksRegion(pod) ? crashed(pod) : undefined);
      // A pod of the previous revision would go on running while the new one is not ready.
      await site.kubectl(['-n', NAMESPACE, 'delete', 'deployment', 'web']);
      await applyWorkload(site, {}, { annotations: { [SIDECAR]: 'credentials' } });
    },
    remedy: 'commands',
    tidyUp: async (site) => {
      site.kubelet.statusOf = () => undefined;
      await site.kubectl(['-n', NAMESPACE, 'set', 'env', 'deployment/web', 'AWS_REGION-']);
      await applyWorkload(site);
    },
  },
  {
    name: 'agent of the node down',
    link: 'source',
    code: 'AGENT_DOWN',
    breakIt: async (site) => {
      site.kubelet.statusOf = (pod) => (isAgent(pod) ? unready(pod) : undefined);
      await site.kubectl(['apply', '-f', '-'], JSON.stringify(agent()));
      await removeRole(site);
      await applyWorkload(site, {}, { annotations: { [KUBE2IAM]: site.roleArn } });
    },
    remedy: async (site) => {
      site.kubelet.statusOf = () => undefined;
      await site.kubectl(['-n', SYSTEM, 'delete', 'pods', '--selector=app=kube2iam', '--wait=false']);
    },
    // The role of kube2iam is not that of a ServiceAccount: the later links are not about it.
    verdictAfter: 'unknown',
    tidyUp: async (site) => {
      await site.kubectl(['-n', SYSTEM, 'delete', 'daemonset', 'kube2iam']);
      await annotate(site, ROLE_ARN, site.roleArn);
      await applyWorkload(site);
      await recreatePods(site);
    },
  },
];

function lacksRegion({ spec }: UnrunPod): boolean {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const sidecar = containers.find(({ name }) => name === 'podrole-sidecar');
  return sidecar !== undefined && !sidecar.env?.some(({ name }) => name === 'AWS_REGION');
}

function isAgent({ metadata }: UnrunPod): boolean {
  return metadata.labels?.['app'] === 'kube2iam';
}

interface Status {
  readonly conditions: readonly { readonly type: string }[];
  readonly containerStatuses: readonly object[];
  readonly initContainerStatuses: readonly object[];
}

/** Returns the status of a pod that is not ready. */
function unready(pod: UnrunPod): Status {
  const status = running(pod) as Status;
  const conditions = status.conditions.map((condition) =>
    /Ready$/.test(condition.type) ? { ...condition, status: 'False' } : condition,
  );
  const containerStatuses = status.containerStatuses.map((container) => ({ ...container, ready: false }));
  return { ...status, conditions, containerStatuses };
}

/** Returns the status of a pod whose sidecar ends again and again, so that its containers never start. */
function crashed(pod: UnrunPod): object {
  const status = unready(pod);
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting' } };
  return {
    ...status,
    phase: 'Pending',
    initContainerStatuses: status.initContainerStatuses.map((container) => ({
      ...container,
      ...{ ready: false, started: false, restartCount: 3, state },
    })),
    containerStatuses: status.containerStatuses.map((container) => ({
      ...container,
      ...{ started: false, state: { waiting: { reason: 'PodInitializing' } } },
    })),
  };
}

function agent(): object {
  const labels = { app: 'kube2iam' };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: SYSTEM, name: 'kube2iam' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'kube2iam', image: 'example.test/kube2iam:1' }] },
      },
    },
  };
}
