import { asObject, type JsonObject } from '../../lib/json/json.ts';

export const TOKEN_FILE = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token';

/** Variables of a container with a role, as the webhook writes them for the agent. */
export const ROLE = {
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
  PODROLE_TOKEN_FILE: TOKEN_FILE,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/secrets/podrole.dev/agent/token',
};

interface ContainerParts {
  readonly env?: Readonly<Record<string, string>>;
  /** Mount in place of that of the token. */
  readonly mount?: JsonObject;
  /** Further mounts. */
  readonly mounts?: readonly JsonObject[];
  /** True if its agent token is for this container alone. */
  readonly own?: boolean;
}

/** Creates a container with a role. */
export function roleContainer(
  name: string,
  { env = ROLE, mount, mounts = [], own }: ContainerParts,
): JsonObject {
  return {
    name,
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    volumeMounts: [
      mount ?? { name: 'aws-iam-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' },
      {
        name: own ? `podrole-agent-token-${name}` : 'podrole-agent-token',
        mountPath: '/var/run/secrets/podrole.dev/agent',
      },
      ...mounts,
    ],
  };
}

const projected = (name: string, audience: string) => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } }] },
});

/** Pod with a role, as the webhook leaves it for the agent and kubelet reports it. */
export const AGENT_POD: JsonObject = {
  metadata: { uid: 'uid-1', namespace: 'shop', name: 'web-0', resourceVersion: '7' },
  spec: {
    serviceAccountName: 'web',
    nodeName: 'node-1',
    containers: [roleContainer('web', {})],
    volumes: [
      projected('aws-iam-token', 'sts.amazonaws.com'),
      projected('podrole-agent-token', 'podrole.dev/agent'),
      projected('podrole-agent-token-log', 'podrole.dev/agent/log'),
      { name: 'data', emptyDir: {} },
    ],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.7',
    podIPs: [{ ip: '10.0.0.7' }, { ip: 'fd00::7' }],
    containerStatuses: [{ state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }],
  },
};

/** Creates such a pod with other members of its parts; `status` replaces the whole status. */
export function agentPod(parts: {
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}): JsonObject {
  return {
    metadata: { ...asObject(AGENT_POD['metadata']), ...parts.metadata },
    spec: { ...asObject(AGENT_POD['spec']), ...parts.spec },
    status: parts.status ?? AGENT_POD['status'],
  };
}
