import { PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { ApiServerKeys } from './api-server-keys.ts';
import { jwksFile } from './jwks-file.ts';
import type { KeySource } from './key-source.ts';
import { pemKeyFiles } from './pem-key-files.ts';

/** Settings that say where the keys come from. */
export interface SourceSettings {
  readonly keyFile: readonly string[];
  readonly jwks: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly kubeApi: string | undefined;
}

export interface OpenSource {
  readonly source: KeySource;
  /** The API server, if it is the source, or if the source is files and a cluster is named too. */
  readonly apiServer: ApiServerKeys | undefined;
  close(): void;
}

/**
 * Opens the source that the settings name: PEM files, a JWKS file, otherwise the API server that kubectl
 * would use.
 * @throws PodroleError `INVALID_SETTING` if they name two, `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export async function openSource(settings: SourceSettings, env: Env): Promise<OpenSource> {
  const { keyFile, jwks } = settings;
  if (keyFile.length > 0 && jwks !== undefined) {
    throw new PodroleError({
      code: 'INVALID_SETTING',
      object: '--jwks',
      problem: 'excludes --key-file',
      remedy: 'give one of the two',
    });
  }
  const files = jwks !== undefined ? jwksFile(jwks) : keyFile.length > 0 ? pemKeyFiles(keyFile) : undefined;
  if (files && !namesCluster(settings, env)) return { source: files, apiServer: undefined, close: () => {} };
  const apiServer = await openApiServer(settings, env);
  return { source: files ?? apiServer, apiServer, close: () => apiServer.close() };
}

/**
 * Returns whether a cluster was named. The one in ~/.kube/config does not count: the files may belong to
 * another cluster.
 */
function namesCluster({ kubeconfig, context, kubeApi }: SourceSettings, env: Env): boolean {
  return [kubeconfig, context, kubeApi, env['KUBECONFIG'], env['KUBERNETES_SERVICE_HOST']].some(Boolean);
}

/** Loads the Kubernetes client, which takes longer than everything else together, only when it is needed. */
async function openApiServer(settings: SourceSettings, env: Env): Promise<ApiServerKeys> {
  const [{ connect }, { apiServerKeys }] = await Promise.all([
    import('../../kubernetes/connect.ts'),
    import('./api-server-keys.ts'),
  ]);
  return apiServerKeys(connect(settings, env));
}
