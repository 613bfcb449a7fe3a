import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { isTooOld, OLDEST_KUBERNETES, readServerVersion } from '../../kubernetes/server-version.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import { apiServerKeys } from '../../oidc/sources/api-server-keys.ts';
import { judgeIssuer } from '../../oidc/verify/judge-issuer.ts';
import type { UpSettings } from '../settings.ts';
import { type ClusterKind, findClusterKind } from './cluster-kind.ts';
import { issuerInstructions } from './instructions.ts';
import { suggestIssuer } from './suggest-issuer.ts';

/** Facts that the API server gives about itself. */
export interface ClusterFacts {
  /** `v1.36.1`. */
  readonly version: string;
  readonly kind: ClusterKind;
  readonly issuer: string;
}

/** @throws PodroleError `UNSUPPORTED_KUBERNETES`, `API_REFUSED`, `API_UNREACHABLE` */
export async function readClusterFacts(cluster: ApiClient, signal: AbortSignal): Promise<ClusterFacts> {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const version = await readServerVersion(cluster, limits, 'use a kubeconfig of a cluster administrator');
  if (isTooOld(version)) {
    throw new PodroleError({
      code: 'UNSUPPORTED_KUBERNETES',
      object: `Kubernetes ${version}`,
      problem: `is older than ${OLDEST_KUBERNETES}, the oldest version that podrole works with`,
      remedy: 'upgrade the cluster',
    });
  }
  const [kind, issuer] = await Promise.all([
    findClusterKind(version, cluster, signal),
    apiServerKeys(cluster).readIssuer(signal),
  ]);
  return { version, kind, issuer };
}

/**
 * Refuses an issuer that STS cannot use.
 * @param show takes the lines that say what to set, and where, in this kind of cluster
 * @throws PodroleError `UNUSABLE_ISSUER` with the flags of kube-apiserver
 */
export function checkIssuer(
  { issuer, kind }: ClusterFacts,
  settings: UpSettings,
  env: Env,
  show: (line: string) => void,
): void {
  const allowPrivate = settings.allowPrivateIssuer || settings.verifyConnectTo !== undefined;
  const problem = judgeIssuer(issuer, { allowPort: settings.allowPort, allowPrivate })?.problem;
  if (problem === undefined) return;
  const region = settings.awsDefaultRegion ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const suggested = suggestIssuer(settings.to, region, endpoint);
  const old = issuer === '' ? [] : [issuer];
  for (const line of issuerInstructions(kind, suggested.issuer, old[0])) show(line);
  const choose = suggested.isCertain
    ? ''
    : `, where ${suggested.issuer} stands for the public https URL that serves ${settings.to ?? 'the keys'}`;
  const flags = [suggested.issuer, ...old].map((each) => `--service-account-issuer=${each}`).join(' ');
  const again = suggested.to === settings.to ? '' : ` with --to ${suggested.to}`;
  throw new PodroleError({
    code: 'UNUSABLE_ISSUER',
    object: `issuer ${issuer || '(none)'} of the API server`,
    problem,
    remedy: `start every kube-apiserver with ${flags}${choose}; then run this again${again} (docs/issuer.md)`,
  });
}
