import { posix } from 'node:path';
import { ENV, STS_REGIONAL, WINDOWS_NODE } from '../lib/contract.ts';
import { asObject, type JsonObject } from '../lib/json.ts';
import type { PodIdentity, ProjectedToken, RoleGrant } from './pod-identity.ts';
import type { Named } from './pod-parts.ts';
import { sessionNameVariables } from './session-name.ts';

/** What podrole can write into a container: each part is written as a whole or not at all. */
export type EnvPart = 'sts' | 'region' | 'web-identity' | 'container-credentials' | 'session';

/** All that a container gets where nothing of it is there yet. */
export interface Grant {
  readonly volume: Named;
  readonly mount: Named & { readonly mountPath: string };
  /** In the order in which they are appended. */
  readonly env: readonly (readonly [part: EnvPart, variables: readonly Named[]])[];
}

/** The grants of a pod. */
export interface Grants {
  /** Of every container without one of its own; undefined where those get none. */
  readonly common: Grant | undefined;
  /** The grant of a container; undefined where it gets none. */
  of(container: string): Grant | undefined;
}

/** What each container of the pod gets by its identity. */
export function grantsOf(identity: PodIdentity, pod: JsonObject, podNameMaxLength?: number): Grants {
  const windows = runsOnWindows(asObject(pod['spec']));
  const general = generalParts(identity);
  const build = (token: ProjectedToken, parts: (tokenFile: string) => Grant['env']): Grant => {
    const path = posix.join(identity.mountPath, token.path);
    // The mount stays a POSIX path: the container runtime on Windows takes it as one. [webhook]
    const tokenFile = windows ? `C:${path.replaceAll('/', '\\')}` : path;
    return {
      volume: volumeOf(token),
      mount: { name: token.volumeName, readOnly: true, mountPath: identity.mountPath },
      env: [...general, ...parts(tokenFile)],
    };
  };

  let common: Grant | undefined;
  const byContainer = new Map<string, Grant>();
  if (identity.kind === 'container-credentials') {
    common = build(identity.token, (tokenFile) => [
      [
        'container-credentials',
        [
          { name: ENV.containerCredentialsFullUri, value: identity.fullUri },
          { name: ENV.containerAuthorizationTokenFile, value: tokenFile },
        ],
      ],
    ]);
  } else {
    const session: Grant['env'] =
      identity.sessionName === 'pod'
        ? [['session', sessionNameVariables(identity.namespace, asObject(pod['metadata']), podNameMaxLength)]]
        : [];
    const webIdentity = ({ roleArn, token }: RoleGrant) =>
      build(token, (tokenFile) => [
        [
          'web-identity',
          [
            { name: ENV.roleArn, value: roleArn },
            { name: ENV.webIdentityTokenFile, value: tokenFile },
          ],
        ],
        ...session,
      ]);
    common = identity.role && webIdentity(identity.role);
    for (const role of identity.containerRoles) byContainer.set(role.container, webIdentity(role));
  }

  const { skipContainers, includeContainers } = identity;
  return {
    common,
    of(container) {
      if (skipContainers.includes(container)) return undefined;
      if (includeContainers && !includeContainers.includes(container)) return undefined;
      return byContainer.get(container) ?? common;
    },
  };
}

function generalParts({ regionalSts, region }: PodIdentity): Grant['env'] {
  const sts: Grant['env'] = [['sts', [{ name: ENV.stsRegionalEndpoints, value: STS_REGIONAL }]]];
  const regions: Grant['env'] = [
    [
      'region',
      [
        { name: ENV.defaultRegion, value: region },
        { name: ENV.region, value: region },
      ],
    ],
  ];
  return [...(regionalSts ? sts : []), ...(region ? regions : [])];
}

function volumeOf({ volumeName, audience, expirationSeconds, path }: ProjectedToken): Named {
  const serviceAccountToken = { audience, expirationSeconds, path };
  return { name: volumeName, projected: { sources: [{ serviceAccountToken }] } };
}

function runsOnWindows(spec: JsonObject | undefined): boolean {
  const nodeSelector = asObject(spec?.['nodeSelector']);
  return WINDOWS_NODE.labels.some((label) => nodeSelector?.[label] === WINDOWS_NODE.value);
}
