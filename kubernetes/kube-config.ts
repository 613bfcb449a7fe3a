import { statSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, PodroleError } from '../lib/errors.ts';
import { MAX_FILE_BYTES, readInputSync } from '../lib/files/read-file.ts';
import { textOfFile } from '../lib/files/text-of-file.ts';
import type { Env } from '../lib/surroundings.ts';
import { nearestName } from '../lib/text/nearest-name.ts';

export interface ClusterChoice {
  /** `--kubeconfig` */
  readonly kubeconfig: string | undefined;
  /** `--kube-api` */
  readonly kubeApi: string | undefined;
  /** Context to use instead of the current one of the kubeconfig. */
  readonly context?: string | undefined;
  /** File that would have named a cluster too, and does not exist. */
  readonly missingFile?: string;
  /** Advice of a command that can do without a cluster, such as `--service-accounts`. */
  readonly alternative?: string;
}

/**
 * Loads the cluster to ask: `--kubeconfig`, else KUBECONFIG, else the cluster that this pod runs in.
 * `--kube-api` replaces its address.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function loadKubeConfig(choice: ClusterChoice, env: Env): KubeConfig {
  const { kubeconfig, kubeApi, context } = choice;
  const files = filesOf(kubeconfig, env);
  const config = new KubeConfig();
  if (files.length > 0) readFiles(config, files, context);
  else if (env['KUBERNETES_SERVICE_HOST']) config.loadFromCluster();
  else if (kubeApi)
    config.loadFromClusterAndUser(
      { name: 'cluster', server: kubeApi, skipTLSVerify: false },
      { name: 'user' },
    );
  else throw noCluster(choice);
  return withAddress(config, kubeApi);
}

/**
 * Returns the names of all contexts, also if there is no current one.
 * @throws PodroleError `INVALID_KUBECONFIG`
 */
export function readContexts(kubeconfig: string | undefined, env: Env): readonly string[] {
  const config = new KubeConfig();
  mergeFiles(config, filesOf(kubeconfig, env));
  return config.getContexts().map(({ name }) => name);
}

function filesOf(kubeconfig: string | undefined, env: Env): readonly string[] {
  return kubeconfig ? [kubeconfig] : (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
}

function noCluster({ missingFile, alternative }: ClusterChoice): PodroleError {
  const noFile = missingFile === undefined ? '' : `, ${missingFile} does not exist`;
  return new PodroleError({
    code: 'NO_CLUSTER',
    object: 'kubeconfig',
    problem: `is missing: neither --kubeconfig nor KUBECONFIG is set${noFile}, and podrole does not run in a pod`,
    remedy: `give --kubeconfig${alternative === undefined ? '' : `, or ${alternative}`}`,
  });
}

function mergeFiles(config: KubeConfig, files: readonly string[]): void {
  for (const [at, file] of files.entries()) {
    try {
      const part = new KubeConfig();
      // Like loadFromFile, but only up to the limit.
      part.loadFromString(textOfFile(readInputSync(file, MAX_FILE_BYTES.configuration)));
      part.makePathsAbsolute(dirname(file));
      config.mergeConfig(part, at > 0);
    } catch (thrown) {
      throw invalid(file, messageOf(thrown), thrown);
    }
  }
}

function readFiles(config: KubeConfig, files: readonly string[], context: string | undefined): void {
  mergeFiles(config, files);
  if (context) config.setCurrentContext(context);
  if (config.getCurrentCluster()) {
    requireRegularFiles(config, files.join(delimiter));
    return;
  }
  throw contextFault(config, files.join(delimiter));
}

/** More names would not help to find the right one. */
const MAX_NAMES = 10;

/** Says what is wrong with the context, and which contexts there are. */
function contextFault(config: KubeConfig, file: string): PodroleError {
  const name = config.getCurrentContext();
  const names = config.getContexts().map((context) => context.name);
  const listed = [...names.slice(0, MAX_NAMES), ...(names.length > MAX_NAMES ? ['…'] : [])].join(', ');
  const known = names.length === 0 ? 'it has no contexts' : `its contexts are ${listed}`;
  const choose = 'give --context, or select one with kubectl config use-context';
  if (!name) return invalid(file, `has no current context; ${known}`, undefined, choose);
  const context = config.getContextObject(name);
  if (context) {
    const problem = `its context ${JSON.stringify(name)} names cluster ${JSON.stringify(context.cluster)}, which it does not have`;
    return invalid(file, problem, undefined, 'add that cluster, or give another --context');
  }
  const near = nearestName(name, names, Math.min(MAX_EDITS, Math.floor(name.length / 3)));
  const suggested = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
  return invalid(
    file,
    `has no context ${JSON.stringify(name)}${suggested}`,
    undefined,
    `${known}: ${choose}`,
  );
}

const MAX_EDITS = 3;

/** The client opens these files without a time limit. A FIFO would stop the process for ever. */
function requireRegularFiles(config: KubeConfig, file: string): void {
  const { caFile } = config.getCurrentCluster() ?? {};
  const { certFile, keyFile } = config.getCurrentUser() ?? {};
  for (const path of [caFile, certFile, keyFile]) {
    const stats = path ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (stats && !stats.isFile()) throw invalid(file, `it names ${path}, which is not a regular file`);
  }
}

/**
 * Turns TLS verification off for plain HTTP, which client-node refuses otherwise. There is nothing to verify
 * then.
 */
function withAddress(config: KubeConfig, kubeApi: string | undefined): KubeConfig {
  const current = config.getCurrentCluster();
  const server = kubeApi ?? current?.server;
  if (!current || !server || (server === current.server && !server.startsWith('http:'))) return config;
  config.clusters = config.clusters.map((cluster) =>
    cluster === current
      ? { ...cluster, server, skipTLSVerify: cluster.skipTLSVerify || server.startsWith('http:') }
      : cluster,
  );
  return config;
}

function invalid(
  file: string,
  problem: string,
  cause?: unknown,
  remedy = 'name a kubeconfig whose current context works with kubectl',
): PodroleError {
  return new PodroleError(
    { code: 'INVALID_KUBECONFIG', object: `kubeconfig ${file}`, problem, remedy },
    { cause },
  );
}

/** Contexts that the client library makes up without a kubeconfig: in a pod, or with an address alone. */
const MADE_UP_CONTEXTS = new Set(['inClusterContext', 'loaded-context', '']);

/** Returns true for a context that no user knows. */
export function isMadeUp(context: string): boolean {
  return MADE_UP_CONTEXTS.has(context);
}
