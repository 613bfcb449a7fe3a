import { POD_ADDRESSES } from './network.ts';

/** Containerd's name for the image of a pod's first container. */
const PAUSE_IMAGE = 'localhost/pause:1';
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
/** Folder of Debian's containernetworking-plugins. */
const CNI_PLUGINS = '/usr/lib/cni';

/** Files of one node, in its folder. Each has the same path inside and outside the node. */
export function nodeFilesIn(folder: string) {
  const at = (name: string) => `${folder}/${name}`;
  return {
    machine: at('machine'),
    ready: at('machine/ready'),
    containerd: at('containerd'),
    containerdConfig: at('containerd.toml'),
    cniConfigs: at('cni'),
    cniConfig: at('cni/pods.conflist'),
    kubeletConfig: at('kubelet.json'),
    kubeletKubeconfig: at('kubelet.kubeconfig'),
    kubeletCertificate: at('kubelet.crt'),
    kubeletKey: at('kubelet.key'),
    authority: at('ca.crt'),
    proxyConfig: at('kube-proxy.json'),
    proxyKubeconfig: at('kube-proxy.kubeconfig'),
    volumePlugins: at('volume-plugins'),
    resolver: at('resolv.conf'),
  } as const;
}

export type NodeFiles = ReturnType<typeof nodeFilesIn>;

/**
 * Returns containerd's configuration, TOML. Without `restrict_oom_score_adj` runc fails if CAP_SYS_RESOURCE
 * is missing. The disabled plugins would write to /opt.
 */
export function containerdConfig(files: NodeFiles): string {
  return `version = 3
root = "${files.containerd}"
state = "/run/containerd/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
[debug]
  level = "warn"
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${PAUSE_IMAGE}"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["${CNI_PLUGINS}"]
    conf_dir = "${files.cniConfigs}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** Connection of the pods to their node. */
export interface PodNetworkOptions {
  /** `ptp` (default): each pod has its own cable. `bridge`: all cables end in the bridge `cni0`. */
  readonly type?: 'ptp' | 'bridge';
  /** Number of addresses; default: all of the range. With few of them an address is given again at once. */
  readonly addresses?: number;
}

/**
 * Returns the configuration of the pods' network, JSON. Its default is a cable for each pod: on a bridge the
 * answers of a Service's pod to its neighbour would bypass the node's packet filter, which translates the
 * address back.
 */
export function cniConfig(podRange: string, { type = 'ptp', addresses }: PodNetworkOptions = {}): string {
  const range = { subnet: podRange, ...(addresses === undefined ? {} : firstAddresses(podRange, addresses)) };
  const ipam = { type: 'host-local', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = { type, bridge: 'cni0', isGateway: true, ipam };
  const plugin = type === 'bridge' ? bridge : { type, ipam };
  return JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins: [plugin] });
}

/** The first address of a range is the gateway's. */
function firstAddresses(podRange: string, count: number) {
  const network = podRange.replace(/\d+\/\d+$/, '');
  return { rangeStart: `${network}2`, rangeEnd: `${network}${count + 1}` };
}

interface KubeletSettings {
  readonly maxPods: number;
  /** Parent of the pods' cgroups. */
  readonly cgroupRoot: string;
}

/** Returns kubelet's configuration, JSON. */
export function kubeletConfig(files: NodeFiles, { maxPods, cgroupRoot }: KubeletSettings): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: files.authority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: files.kubeletCertificate,
    tlsPrivateKeyFile: files.kubeletKey,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // Images come only from archives: a deleted image could not be pulled again.
    imageGCHighThresholdPercent: 100,
    maxPods,
    clusterDNS: ['10.96.0.10'],
    clusterDomain: 'cluster.local',
    resolvConf: files.resolver,
    volumePluginDir: files.volumePlugins,
    // Interval of the volume checks, which also renew due tokens. The default is a minute.
    syncFrequency: '10s',
    kubeAPIQPS: 500,
    kubeAPIBurst: 500,
    eventRecordQPS: 0,
  });
}

/**
 * Returns kube-proxy's configuration, JSON. The kernel's limits of connection tracking apply to the whole
 * machine.
 */
export function proxyConfig(kubeconfig: string, nodeName: string): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: POD_ADDRESSES,
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms' },
  });
}

/**
 * Returns kube-scheduler's configuration, JSON. The default of 50 requests per second delays hundreds of
 * pods.
 */
export function schedulerConfig(kubeconfig: string): string {
  return JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig, qps: 500, burst: 500 },
    leaderElection: { leaderElect: false },
  });
}
