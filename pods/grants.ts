import { posix } from 'node:path';
import type { PodIdentity, ProjectedToken, RoleGrant } from '../identity/pod-identity.ts';
import { ENV, STS_REGIONAL } from '../lib/contract/sdk.ts';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import { type Named, runsOnWindows } from './pod-parts.ts';
import { sessionNameVariables } from './session-name.ts';
import { accessVariables, type SidecarAccess } from './sidecar/access.ts';
import { INJECTED_NAMES } from './sidecar/plan.ts';

/** What podrole can write into a container: each part is written as a whole or not at all. */
export type EnvPart = 'sts' | 'region' | 'web-identity' | 'container-credentials' | 'session' | 'sidecar';

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

export interface GrantOptions {
  /** Most characters of the pod's name, where it has neither name nor generateName. */
  readonly podNameMaxLength?: number | undefined;
  /** How the pod's sidecar, which hands out the credentials of the pod's role, is asked; undefined where it has none. */
  readonly sidecar?: SidecarAccess | undefined;
}

/** What each container of the pod gets by its identity. */
export function grantsOf(identity: PodIdentity, pod: JsonObject, options: GrantOptions = {}): Grants {
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
        ? [
            [
              'session',
              sessionNameVariables(identity.namespace, asObject(pod['metadata']), options.podNameMaxLength),
            ],
          ]
        : [];
    const { sidecar } = options;
    const webIdentity = ({ roleArn, token }: RoleGrant, access: SidecarAccess | undefined) =>
      build(token, (tokenFile) => [
        [
          'web-identity',
          [
            { name: ENV.roleArn, value: roleArn },
            { name: ENV.webIdentityTokenFile, value: tokenFile },
          ],
        ],
        ...session,
        ...(access ? [['sidecar', accessVariables(access, tokenFile)] as const] : []),
      ]);
    common = identity.role && webIdentity(identity.role, sidecar);
    // The sidecar has the role of the pod alone: a container with its own keeps to web identity.
    for (const role of identity.containerRoles) byContainer.set(role.container, webIdentity(role, undefined));
  }

  const withheld = identity.kind === 'web-identity' && identity.sidecar ? INJECTED_NAMES : [];
  const skipped = new Set([...identity.skipContainers, ...withheld]);
  const included = identity.includeContainers && new Set(identity.includeContainers);
  return {
    common,
    of(container) {
      if (skipped.has(container) || included?.has(container) === false) return undefined;
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
