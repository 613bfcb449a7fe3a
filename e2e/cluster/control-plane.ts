import { generateKeyPair } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Authority, createAuthority, type KeyPair } from '../../testing/certificates/certificates.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { type AdminClient, createAdminClient } from './admin-client.ts';
import {
  API_SERVER,
  API_SERVER_HOSTS,
  apiServerArguments,
  type ControlPlaneFiles,
  controllerManagerArguments,
  etcdArguments,
  filesIn,
} from './components.ts';
import { type Binary, findBinary } from './find-binary.ts';
import { certificateUser, kubeconfig, tokenUser } from './kubeconfig.ts';
import { runKubectl } from './kubectl.ts';
import { logFolder } from './log-tails.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import type { CommandResult } from './run-command.ts';
import { startOrStop } from './start-or-stop.ts';

interface ControlPlaneOptions {
  /** `iss` of the ServiceAccount tokens; an https URL. */
  readonly issuer: string;
  readonly extraApiServerFlags?: readonly string[];
  /** True: nodes will join. Default: false, and the API server listens only on loopback. */
  readonly nodes?: boolean;
}

/**
 * A real Kubernetes API with the controllers that create pods. Without nodes, pods are stored and never run.
 */
export interface ControlPlane extends Pick<AdminClient, 'request'> {
  /** Path of the cluster administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the private key that signs ServiceAccount tokens, PEM. */
  readonly serviceAccountKey: string;
  /** Command line of the first start of the API server. */
  readonly apiServerArguments: readonly string[];
  /** Authority of the API server's clients and of kubelets. */
  readonly authority: Authority;
  /** Returns a kubeconfig for the user of this token. */
  kubeconfigOf(token: string): string;
  /** Returns the process ids of the running components. */
  pids(): number[];
  kubectl(args: readonly string[], options?: { input?: string }): Promise<CommandResult>;
  /** Sends SIGTERM; resolves when the API server has ended. */
  stopApiServer(): Promise<void>;
  /** Resolves when the API server is ready. @param args its command line; default: that of the first start */
  startApiServer(args?: readonly string[]): Promise<void>;
  /** Ends every process and removes every file except the logs. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;
const SERVICE_ACCOUNT_KEY_BITS = 2048;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager; all are ready when it resolves.
 * @throws SetupError when one of them does not become ready
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-control-plane-'));
  const components = createComponents();
  const stop = async (): Promise<void> => {
    await components.endAll();
    await rm(folder, { recursive: true, force: true });
  };
  return await startOrStop(async () => {
    const { disconnect, ...controlPlane } = await startComponents(options, components, folder);
    return {
      ...controlPlane,
      async stop() {
        disconnect();
        await stop();
      },
    };
  }, stop);
}

/** The processes of a control plane. */
interface Components {
  readonly start: (name: Binary, args: readonly string[]) => RunningProcess;
  readonly end: (name: Binary, graceMs: number) => Promise<void>;
  /** Kills them: their data is thrown away, so that no orderly end is necessary. */
  readonly endAll: () => Promise<void>;
  readonly pids: () => number[];
}

function createComponents(): Components {
  const running = new Map<Binary, RunningProcess>();
  const end = async (name: Binary, graceMs: number) => {
    await running.get(name)?.stop(graceMs);
    running.delete(name);
  };
  return {
    start: (name, args) => {
      const started = startProcess({ name, program: programOf(name), args, logs: logFolder() });
      running.set(name, started);
      return started;
    },
    end,
    endAll: async () => {
      await Promise.all([...running.keys()].map((name) => end(name, 0)));
    },
    pids: () => [...running.values()].map(({ pid }) => pid),
  };
}

function programOf(name: Binary): string {
  return findBinary(name, process.env['PODROLE_E2E_BINARIES']);
}

async function startComponents(
  { issuer, extraApiServerFlags = [], nodes = false }: ControlPlaneOptions,
  components: Components,
  folder: string,
): Promise<Omit<ControlPlane, 'stop'> & Pick<AdminClient, 'disconnect'>> {
  const files = filesIn(folder);
  components.start('etcd', etcdArguments(files));
  const { authority, admin } = await writeCredentials(files);
  const api = createAdminClient(API_SERVER, authority.cert, admin);
  const firstArguments = apiServerArguments(files, { issuer, nodes, extra: extraApiServerFlags });
  const startApiServer = async (args: readonly string[] = firstArguments): Promise<void> => {
    const apiServer = components.start('kube-apiserver', args);
    const isReady = async () => (await api.request('GET', '/readyz')).status === 200;
    await waitFor(isReady, 'kube-apiserver ready', START_TIMEOUT_MS, apiServer.ended);
  };
  await startApiServer();
  await startControllers(components, files, api);

  const asAdmin = { program: programOf('kubectl'), kubeconfig: files.adminKubeconfig, home: folder };
  return {
    kubeconfig: files.adminKubeconfig,
    apiServerArguments: firstArguments,
    authority,
    serviceAccountKey: files.serviceAccountPrivateKey,
    kubeconfigOf: (token) => kubeconfig(API_SERVER, authority.cert, tokenUser(token)),
    request: api.request,
    pids: components.pids,
    kubectl: (args, { input } = {}) => runKubectl(asAdmin, args, input),
    startApiServer,
    async stopApiServer() {
      await components.end('kube-apiserver', STOP_GRACE_MS);
      api.disconnect();
    },
    disconnect: api.disconnect,
  };
}

/** Starts the controllers; resolves after their first effect. */
async function startControllers(
  { start }: Components,
  files: ControlPlaneFiles,
  api: AdminClient,
): Promise<void> {
  const controllers = start('kube-controller-manager', controllerManagerArguments(files));
  const findAccount = async () =>
    (await api.request('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
  await waitFor(findAccount, 'ServiceAccount default/default', START_TIMEOUT_MS, controllers.ended);
}

/** Creates and writes the keys, certificates and kubeconfigs of one cluster. */
async function writeCredentials(files: ControlPlaneFiles): Promise<{ authority: Authority; admin: KeyPair }> {
  const authority = await createAuthority('podrole-e2e');
  const [server, admin, controllerManager, tokenKeys] = await Promise.all([
    authority.issue(API_SERVER_HOSTS),
    authority.issue(['admin'], undefined, 'system:masters'),
    authority.issue(['system:kube-controller-manager']),
    promisify(generateKeyPair)('rsa', {
      modulusLength: SERVICE_ACCOUNT_KEY_BITS,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }),
  ]);
  const contents: [file: string, content: string][] = [
    [files.authority, authority.cert],
    [files.serverCertificate, server.cert],
    [files.serverKey, server.key],
    [files.serviceAccountPublicKey, tokenKeys.publicKey],
    [files.serviceAccountPrivateKey, tokenKeys.privateKey],
    [files.adminCertificate, admin.cert],
    [files.adminKey, admin.key],
    [files.adminKubeconfig, kubeconfig(API_SERVER, authority.cert, certificateUser(admin))],
    [
      files.controllerManagerKubeconfig,
      kubeconfig(API_SERVER, authority.cert, certificateUser(controllerManager)),
    ],
  ];
  await Promise.all(contents.map(([file, content]) => writeFile(file, content, { mode: 0o600 })));
  return { authority, admin };
}
