import fc from 'fast-check';
import {
  AGENT_TOKEN,
  CA_BUNDLE,
  INJECTED_CONTAINER,
  SIDECAR_CREDENTIALS_PATH,
} from '../../lib/contract/podrole.ts';
import {
  ENDPOINT_KIND_ENV,
  ENV,
  NODE_CA_VARIABLE,
  PROXY_ENV,
  S3_ENDPOINT_VARIABLE,
  STS_ENDPOINT_ENV,
} from '../../lib/contract/sdk.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { nameOf } from '../../pods/pod-parts.ts';

const MOUNT_PATHS = ['/token', '/token/', '/data', '/var/run/x', CA_BUNDLE.mountPath, AGENT_TOKEN.mountPath];
const VOLUMES = [
  CA_BUNDLE.volumeName,
  AGENT_TOKEN.volumeName,
  `${AGENT_TOKEN.volumeName}-b`,
  'aws-iam-token',
  'aws-iam-token-b',
  'eks-pod-identity-token',
  'data',
  'x',
];
/** Names of a pod's containers: the first three are in initContainers, the others in containers. */
export const CONTAINERS = ['a', 'b', 'c', 'd', 'e', 'f'];

const text = (...values: string[]) => fc.constantFrom(...values);
/** Values of the arbitrary; in hostile pods, rarely any JSON value instead. */
const often = <T>(usual: fc.Arbitrary<T>, hostile: boolean): fc.Arbitrary<unknown> =>
  hostile ? fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: fc.jsonValue(), weight: 1 }) : usual;
const listOf = (item: fc.Arbitrary<unknown>, hostile: boolean) =>
  often(fc.array(often(item, hostile), { minLength: 1, maxLength: 4 }), hostile);

const variable = fc.record({
  name: text(
    ...[ENV, STS_ENDPOINT_ENV, ENDPOINT_KIND_ENV].flatMap((names) => Object.values(names)),
    ...Object.values(PROXY_ENV).flat(),
    ...[NODE_CA_VARIABLE, S3_ENDPOINT_VARIABLE, 'PATH', 'HOME'],
  ),
  value: text(
    `${CA_BUNDLE.mountPath}/${CA_BUNDLE.file}`,
    'regional',
    'eu-west-1',
    '/token/token',
    `${AGENT_TOKEN.mountPath}/${AGENT_TOKEN.path}`,
    SIDECAR_CREDENTIALS_PATH,
    'arn:aws:iam::111122223333:role/own',
    '',
  ),
});
const mount = fc.record(
  { name: text(...VOLUMES), mountPath: text(...MOUNT_PATHS), readOnly: fc.constant(true) },
  { requiredKeys: ['name', 'mountPath'] },
);
const tokenSource = fc.record({ audience: text('sts', 'own'), expirationSeconds: fc.constant(3600) });
const volume = fc.oneof(
  fc.record({ name: text(...VOLUMES), emptyDir: fc.constant({}) }),
  text('ca.crt', 'all.pem').map((key) => ({
    name: CA_BUNDLE.volumeName,
    configMap: { name: 'kube-root-ca.crt', items: [{ key, path: CA_BUNDLE.file }] },
  })),
  tokenSource.chain((serviceAccountToken) =>
    fc.record({ name: text(...VOLUMES), projected: fc.constant({ sources: [{ serviceAccountToken }] }) }),
  ),
);

const securityContext = fc.record({ runAsUser: fc.constantFrom(0, 1000, 2000) }, { requiredKeys: [] });

function container(name: string, hostile: boolean) {
  const members = {
    name: often(fc.constant(name), hostile),
    env: listOf(variable, hostile),
    volumeMounts: listOf(mount, hostile),
    securityContext: often(securityContext, hostile),
    volumeDevices: fc.constant([{ name: 'disk', devicePath: '/var/run/x' }]),
    newerThanUs: fc.jsonValue(),
  };
  return fc.record(members, { requiredKeys: ['name'] });
}

/**
 * Pods whose names and paths often collide with ours. In pods that are not hostile, container names are
 * unique.
 */
export function podOf(hostile: boolean): fc.Arbitrary<JsonObject> {
  const containers = (names: readonly string[]) =>
    often(
      fc
        .subarray([...names], { minLength: 1 })
        .chain((chosen) => fc.tuple(...chosen.map((name) => often(container(name, hostile), hostile)))),
      hostile,
    );
  const annotations = often(fc.constant({ team: 'shop' }), hostile);
  const recorded = text(
    'a',
    'a,b:region+mount',
    'c:session,!aws-iam-token',
    'zz:::,!,+',
    'a:agent-role+agent+mount+agent-mount,b:target-role+sidecar+mount',
    '+podrole-sidecar,+podrole-redirect,+a',
  ).map((value) => ({
    'podrole.dev/injected': value,
  }));
  const metadata = fc.record(
    {
      name: often(text('web-1', 'w'), hostile),
      labels: often(fc.constant({ app: 'web' }), hostile),
      annotations: hostile ? fc.oneof(annotations, recorded) : annotations,
    },
    { requiredKeys: [] },
  );
  const spec = fc.record(
    {
      nodeSelector: often(
        text('windows', 'linux').map((os) => ({ 'kubernetes.io/os': os })),
        hostile,
      ),
      hostNetwork: often(fc.constantFrom(false, false, false, false, false, true), hostile),
      os: often(fc.constant({ name: 'linux' }), hostile),
      securityContext: often(securityContext, hostile),
      volumes: often(fc.uniqueArray(volume, { minLength: 1, selector: ({ name }) => name }), hostile),
      initContainers: containers([
        ...CONTAINERS.slice(0, 3),
        ...(hostile ? Object.values(INJECTED_CONTAINER) : []),
      ]),
      containers: containers(CONTAINERS.slice(3)),
      newerThanUs: fc.jsonValue(),
    },
    { requiredKeys: ['containers'] },
  );
  return fc
    .record({ metadata: often(metadata, hostile), spec: often(spec, hostile) }, { requiredKeys: ['spec'] })
    .map((pod) => deepFreeze(withMountedVolumes(JSON.parse(JSON.stringify(pod)), hostile)));
}

/** Returns the pod as the API server would accept it: every mounted volume exists. */
function withMountedVolumes(pod: JsonObject, hostile: boolean): JsonObject {
  const spec = asObject(pod['spec']);
  if (hostile || !spec) return pod;
  const volumes = asArray(spec['volumes']) ?? [];
  const containers = [...(asArray(spec['initContainers']) ?? []), ...(asArray(spec['containers']) ?? [])];
  const mounted = containers.flatMap((item) => (asArray(asObject(item)?.['volumeMounts']) ?? []).map(nameOf));
  const missing = [...new Set(mounted)].filter((name) => !volumes.some((one) => nameOf(one) === name));
  if (missing.length === 0) return pod;
  return {
    ...pod,
    spec: { ...spec, volumes: [...volumes, ...missing.map((name) => ({ name, emptyDir: {} }))] },
  };
}

/** Freezes a value, so that a mutation that changes its input fails. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
