import { AGENT_TOKEN, SIDECAR_CREDENTIALS_PATH } from '../../../lib/contract/podrole.ts';
import { ENV } from '../../../lib/contract/sdk.ts';

const TOKEN_VOLUME = 'aws-iam-token';
const TOKEN_FOLDER = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const AUDIENCE = 'sts.amazonaws.com';

/** A pod of e2e/images/asker. */
export interface AskingPod {
  /** ARN of its role; undefined: it has none. */
  readonly role: string | undefined;
  /** `host:port` of the collector. */
  readonly collector: string;
  /** True: an init container asks first, for a moment. */
  readonly hasInit?: boolean;
  /** It ends by itself after this time; default: never. */
  readonly lifetimeMs?: number;
  /** True: it goes on asking after SIGTERM, until it is killed. */
  readonly ignoresTerm?: boolean;
  /** Between two requests; default: none for a second, then 10. */
  readonly pauseMs?: number;
  readonly node: string;
}

const INIT_MS = 100;

/**
 * Returns the spec of a pod that asks from its first instant to its last, as the webhook would write it for
 * the agent. Without the webhook, thousands of pods start sooner.
 */
export function askingPodSpec({ role, collector, node, ...options }: AskingPod) {
  const { hasInit = false, lifetimeMs = 0, ignoresTerm = false, pauseMs } = options;
  const container = (name: string, variables: Readonly<Record<string, string>>) => ({
    name,
    image: 'app-asker:1',
    imagePullPolicy: 'Never',
    env: [
      { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      ...Object.entries({
        COLLECTOR: collector,
        ...variables,
        ...(role === undefined ? {} : agentVariables(role)),
      }).map(([variable, value]) => ({ name: variable, value })),
    ],
    ...(role === undefined ? {} : { volumeMounts: MOUNTS }),
  });
  return {
    nodeName: node,
    // Kubelet makes a crashed sandbox again only for a pod that restarts.
    restartPolicy: lifetimeMs > 0 ? 'Never' : 'Always',
    terminationGracePeriodSeconds: 1,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    ...(hasInit ? { initContainers: [container('init', { LIFETIME_MS: String(INIT_MS) })] } : {}),
    containers: [
      container('app', {
        ...(lifetimeMs > 0 ? { LIFETIME_MS: String(lifetimeMs) } : {}),
        ...(ignoresTerm ? { IGNORE_TERM: 'true' } : {}),
        ...(pauseMs === undefined ? {} : { PAUSE_MS: String(pauseMs) }),
      }),
    ],
    ...(role === undefined ? {} : { volumes: VOLUMES }),
  };
}

function agentVariables(role: string): Readonly<Record<string, string>> {
  return {
    [ENV.roleArn]: role,
    [ENV.tokenFile]: `${TOKEN_FOLDER}/token`,
    [ENV.containerCredentialsRelativeUri]: SIDECAR_CREDENTIALS_PATH,
    [ENV.containerAuthorizationTokenFile]: `${AGENT_TOKEN.mountPath}/${AGENT_TOKEN.path}`,
  };
}

const MOUNTS = [
  { name: TOKEN_VOLUME, mountPath: TOKEN_FOLDER, readOnly: true },
  { name: AGENT_TOKEN.volumeName, mountPath: AGENT_TOKEN.mountPath, readOnly: true },
];
const VOLUMES = [
  projected(TOKEN_VOLUME, AUDIENCE, 'token'),
  projected(AGENT_TOKEN.volumeName, AGENT_TOKEN.audience, AGENT_TOKEN.path),
];

function projected(name: string, audience: string, path: string): object {
  const serviceAccountToken = { audience, expirationSeconds: 86_400, path };
  return { name, projected: { sources: [{ serviceAccountToken }] } };
}
