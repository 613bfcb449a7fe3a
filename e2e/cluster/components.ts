import path from 'node:path';

/** No other process listens in the network namespace, so that the usual ports are free. */
const ETCD_CLIENTS = 'http://127.0.0.1:2379';
const ETCD_PEERS = 'http://127.0.0.1:2380';
const API_SERVER_PORT = 6443;
export const API_SERVER = `https://127.0.0.1:${API_SERVER_PORT}`;

/**
 * Address of the bridge of e2e/node, at which nodes and pods reach the API server and the other servers of a
 * test.
 */
export const NODE_SIDE_ADDRESS = '198.18.0.1';
export const NODE_SIDE_API_SERVER = `https://${NODE_SIDE_ADDRESS}:${API_SERVER_PORT}`;

/** Names in the API server's certificate. 10.96.0.1 is the first of its Service addresses. */
export const API_SERVER_HOSTS = [
  'localhost',
  'kubernetes.default',
  'kubernetes.default.svc',
  '127.0.0.1',
  NODE_SIDE_ADDRESS,
  '10.96.0.1',
];
export const SERVICE_ADDRESSES = '10.96.0.0/16';

/** The audience that the API server itself accepts. */
const API_AUDIENCE = 'https://kubernetes.default.svc';

/** The files that components read, in the control plane's temporary folder. */
export function filesIn(folder: string) {
  const at = (name: string) => path.join(folder, name);
  return {
    etcd: at('etcd'),
    authority: at('ca.crt'),
    serverCertificate: at('kube-apiserver.crt'),
    serverKey: at('kube-apiserver.key'),
    serviceAccountPublicKey: at('sa.pub'),
    serviceAccountPrivateKey: at('sa.key'),
    adminCertificate: at('admin.crt'),
    adminKey: at('admin.key'),
    adminKubeconfig: at('admin.kubeconfig'),
    controllerManagerKubeconfig: at('kube-controller-manager.kubeconfig'),
  } as const;
}

export type ControlPlaneFiles = ReturnType<typeof filesIn>;

/**
 * Returns the command line of etcd. Its data need not survive a crash of the machine, so that it does not
 * wait for the disk.
 */
export function etcdArguments(files: ControlPlaneFiles): string[] {
  return [
    `--data-dir=${files.etcd}`,
    `--listen-client-urls=${ETCD_CLIENTS}`,
    `--advertise-client-urls=${ETCD_CLIENTS}`,
    `--listen-peer-urls=${ETCD_PEERS}`,
    '--unsafe-no-fsync',
  ];
}

/** With nodes, pods reach the API server through its Service; without nodes, only loopback does. */
function reachableBy(files: ControlPlaneFiles, nodes: boolean): string[] {
  if (nodes) {
    return [
      `--advertise-address=${NODE_SIDE_ADDRESS}`,
      `--kubelet-certificate-authority=${files.authority}`,
      `--kubelet-client-certificate=${files.adminCertificate}`,
      `--kubelet-client-key=${files.adminKey}`,
      '--kubelet-preferred-address-types=InternalIP',
    ];
  }
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // An Endpoints object cannot contain a loopback address, and no pod runs here that would use it.
    '--endpoint-reconciler-type=none',
  ];
}

/**
 * Returns the command line of kube-apiserver.
 * @param issuer `iss` of the tokens that it mints; an https URL
 * @param nodes true if nodes will join
 */
export function apiServerArguments(
  files: ControlPlaneFiles,
  { issuer, nodes, extra }: { issuer: string; nodes: boolean; extra: readonly string[] },
): string[] {
  return [
    `--etcd-servers=${ETCD_CLIENTS}`,
    `--secure-port=${API_SERVER_PORT}`,
    ...reachableBy(files, nodes),
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--client-ca-file=${files.authority}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountPrivateKey}`,
    `--api-audiences=${API_AUDIENCE}`,
    `--service-cluster-ip-range=${SERVICE_ADDRESSES}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    // Without it a stop waits a minute for open watches.
    '--shutdown-watch-termination-grace-period=1s',
    ...extra,
  ];
}

/**
 * Returns the command line of kube-controller-manager, which creates default ServiceAccounts and the pods of
 * Deployments, Jobs and CronJobs.
 */
export function controllerManagerArguments(files: ControlPlaneFiles): string[] {
  return [
    `--kubeconfig=${files.controllerManagerKubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountPrivateKey}`,
    `--root-ca-file=${files.authority}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    // With the default of 20 requests per second its start takes four seconds longer.
    '--kube-api-qps=500',
    '--kube-api-burst=500',
    // Nothing sends requests to it.
    '--secure-port=0',
  ];
}
