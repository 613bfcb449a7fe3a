import { generateKeyPair } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Authority, createAuthority, type KeyPair } from '../../testing/certificates/certificates.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
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

interface ControlPlaneOptions {
  /** `iss` of the ServiceAccount tokens; an https URL. */
  readonly issuer: string;
  readonly extraApiServerFlags?: readonly string[];
  /** Whether there will be nodes; default: false, and the API server listens on loopback alone. */
  readonly nodes?: boolean;
}

/** A real Kubernetes API with the controllers that make pods; no node, so that pods are stored and never run. */
export interface ControlPlane extends Pick<ApiClient, 'request'> {
  /** Path of the cluster administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the private key that signs ServiceAccount tokens, PEM. */
  readonly serviceAccountKey: string;
  /** Command line of the API server, as it was started first. */
  readonly apiServerArguments: readonly string[];
  /** Signs the certificates of the API server's clients, and those of kubelets. */
  readonly authority: Authority;
  /** Content of a kubeconfig for whoever holds this token. */
  kubeconfigOf(token: string): string;
  /** Process ids of what runs at this moment. */
  pids(): number[];
  kubectl(args: readonly string[], options?: { input?: string }): Promise<CommandResult>;
  /** SIGTERM; resolves when it has ended. */
  stopApiServer(): Promise<void>;
  /** Resolves when it is ready. @param args its command line; default: the one that it was started with first */
  startApiServer(args?: readonly string[]): Promise<void>;
  /** Ends every process and removes every file but the logs. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;
const SERVICE_ACCOUNT_KEY_BITS = 2048;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager; they are ready when it resolves.
 * @throws SetupError where one of them does not come up
 */
export async function startControlPlane({
  issuer,
  extraApiServerFlags = [],
  nodes = false,
}: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-control-plane-'));
  const files = filesIn(folder);
  const running = new Map<Binary, RunningProcess>();

  const start = (name: Binary, args: readonly string[]): RunningProcess => {
    const program = findBinary(name, process.env['PODROLE_E2E_BINARIES']);
    const started = startProcess({ name, program, args, logs: logFolder() });
    running.set(name, started);
    return started;
  };
  const end = async (name: Binary, graceMs: number): Promise<void> => {
    await running.get(name)?.stop(graceMs);
    running.delete(name);
  };
  const stop = async (): Promise<void> => {
    // What they hold is thrown away: nothing needs to be written in good order.
    await Promise.all([...running.keys()].map((name) => end(name, 0)));
    await rm(folder, { recursive: true, force: true });
  };

  try {
    start('etcd', etcdArguments(files));
    const { authority, admin } = await writeCredentials(files);
    const api = createApiClient(API_SERVER, authority.cert, admin);
    const firstArguments = apiServerArguments(files, { issuer, nodes, extra: extraApiServerFlags });
    const startApiServer = async (args: readonly string[] = firstArguments): Promise<void> => {
      const apiServer = start('kube-apiserver', args);
      const isReady = async () => (await api.request('GET', '/readyz')).status === 200;
      await waitFor(isReady, 'kube-apiserver ready', START_TIMEOUT_MS, apiServer.ended);
    };
    await startApiServer();
    const controllers = start('kube-controller-manager', controllerManagerArguments(files));
    const findAccount = async () =>
      (await api.request('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
    await waitFor(findAccount, 'ServiceAccount default/default', START_TIMEOUT_MS, controllers.ended);

    const kubectl = {
      program: findBinary('kubectl', process.env['PODROLE_E2E_BINARIES']),
      kubeconfig: files.adminKubeconfig,
      home: folder,
    };
    return {
      kubeconfig: files.adminKubeconfig,
      apiServerArguments: firstArguments,
      authority,
      serviceAccountKey: files.serviceAccountPrivateKey,
      kubeconfigOf: (token) => kubeconfig(API_SERVER, authority.cert, tokenUser(token)),
      request: api.request,
      pids: () => [...running.values()].map(({ pid }) => pid),
      kubectl: (args, { input } = {}) => runKubectl(kubectl, args, input),
      startApiServer,
      async stopApiServer() {
        await end('kube-apiserver', STOP_GRACE_MS);
        api.disconnect();
      },
      async stop() {
        api.disconnect();
        await stop();
      },
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Makes and writes the keys, certificates and kubeconfigs of one cluster. */
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
