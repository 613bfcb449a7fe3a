import type { JsonObject } from '../../lib/json/json.ts';

/**
 * A pod of a tenant who wants an expensive review; `size` is the number of items or characters that the
 * attack repeats.
 */
export interface HostilePod {
  readonly name: string;
  readonly pod: (size: number) => JsonObject;
  /** The pod before its update through `pods/ephemeralcontainers`; absent for the creation of a pod. */
  readonly oldPod?: (size: number) => JsonObject;
  /** Annotations of the ServiceAccount besides its role. */
  readonly account?: (size: number) => Readonly<Record<string, string>>;
}

export const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
export const range = <T>(size: number, item: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, i) => item(i));

interface Parts {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly spec?: JsonObject;
}

export function podOf({ annotations = {}, name = 'web-1', spec = {} }: Parts): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app' }], ...spec },
  };
}

/** Returns the AdmissionReview of a pod in namespace `shop`. */
export function hostileReview(pod: JsonObject, oldPod?: JsonObject): JsonObject {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      resource: { group: '', version: 'v1', resource: 'pods' },
      ...(oldPod ? { subResource: 'ephemeralcontainers', oldObject: oldPod } : {}),
      operation: oldPod ? 'UPDATE' : 'CREATE',
      namespace: 'shop',
      object: pod,
    },
  };
}

const containers = (size: number, more: JsonObject = {}) => range(size, (i) => ({ name: `c${i}`, ...more }));
export const tokenVolume = (i: number) => ({
  name: `aws-iam-token-c${i}`,
  projected: { sources: [{ serviceAccountToken: { audience: 'a', path: 'token' } }] },
});
const debugged = (volumes: number, count: number) => ({
  volumes: range(volumes, (i) => ({ name: `v${i}` })),
  ephemeralContainers: containers(count),
});
const names = (size: number) => range(size, (i) => `n${i}`).join(',');

/** With the first four a tenant stalled the webhook of release 0.1; the others are variants of them. */
export const HOSTILE_PODS: readonly HostilePod[] = [
  {
    name: 'a mountPath of slashes',
    pod: (size) =>
      podOf({
        spec: {
          containers: [{ name: 'app', volumeMounts: [{ name: 'v', mountPath: `${'/'.repeat(size)}a` }] }],
        },
      }),
  },
  {
    name: 'containers and volumes',
    pod: (size) =>
      podOf({ spec: { containers: containers(size), volumes: range(size, (i) => ({ name: `v${i}` })) } }),
  },
  {
    name: 'containers and names in skip-containers',
    pod: (size) =>
      podOf({
        annotations: { 'eks.amazonaws.com/skip-containers': names(size) },
        spec: { containers: containers(size) },
      }),
  },
  {
    name: 'annotation keys that look misspelt',
    pod: (size) =>
      podOf({
        annotations: Object.fromEntries(
          range(size, (i) => [`eks.amazonaws.com/role-${i.toString(36).padStart(4, '0')}`, '']),
        ),
      }),
  },
  {
    name: 'entries of container-roles',
    pod: () => podOf({}),
    account: (size) => ({ 'podrole.dev/container-roles': names(size) }),
  },
  {
    name: 'a device path of slashes',
    pod: (size) =>
      podOf({
        spec: {
          containers: [{ name: 'app', volumeDevices: [{ name: 'd', devicePath: `${'/'.repeat(size)}a` }] }],
        },
      }),
  },
  {
    name: 'mounts that collide with the token, in containers of a pod with a long name',
    pod: (size) =>
      podOf({
        name: 'x'.repeat(size),
        spec: { containers: containers(size, { volumeMounts: [{ name: 'v', mountPath: MOUNT_PATH }] }) },
      }),
  },
  {
    name: 'containers and names in include-containers',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/include-containers': names(size) },
        spec: { containers: containers(size) },
      }),
  },
  {
    name: 'empty names in skip-containers and include-containers',
    pod: (size) =>
      podOf({
        annotations: {
          'eks.amazonaws.com/skip-containers': ','.repeat(size),
          'podrole.dev/include-containers': ' ,'.repeat(size),
        },
      }),
  },
  {
    name: 'a recorded ownership of token volumes that nobody mounts',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/injected': range(size, (i) => `c${i}`).join(',') },
        spec: { containers: containers(size), volumes: range(size, tokenVolume) },
      }),
  },
  {
    name: 'a recorded ownership with foreign volumes and repeated parts',
    pod: (size) =>
      podOf({
        annotations: {
          'podrole.dev/injected': `${range(size, (i) => `!aws-iam-token-c${i}`).join(',')},app:${'sts+'.repeat(size)}`,
        },
        spec: { volumes: range(size, tokenVolume) },
      }),
  },
  {
    name: "containers that have the name of the sidecar, recorded as podrole's",
    pod: (size) =>
      podOf({
        annotations: {
          'podrole.dev/injected': '+podrole-sidecar,+podrole-redirect',
          'podrole.dev/sidecar': 'metadata',
        },
        spec: {
          initContainers: range(size, () => ({ name: 'podrole-sidecar', env: [], volumeMounts: [] })),
          containers: range(size, () => ({ name: 'podrole-redirect' })),
        },
      }),
  },
  {
    name: 'init containers that an injected sidecar moves',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/sidecar': 'metadata' },
        spec: { initContainers: containers(size) },
      }),
  },
  {
    name: 'variables and mounts of one container',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/session-name': 'pod', 'podrole.dev/sidecar': 'credentials' },
        spec: {
          containers: [
            {
              name: 'app',
              env: range(size, (i) => ({ name: `V${i}` })),
              volumeMounts: range(size, (i) => ({ name: `v${i}`, mountPath: `/${i}` })),
            },
          ],
        },
      }),
  },
  {
    name: "one owned variable in front of many that are the pod's own",
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/injected': 'app:sts' },
        spec: {
          containers: [
            {
              name: 'app',
              env: [
                { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'legacy' },
                ...range(size, (i) => ({ name: i % 2 ? 'a' : 'b' })),
              ],
            },
          ],
        },
      }),
  },
  {
    name: 'ephemeral containers beside as many old ones',
    pod: (size) => podOf({ spec: debugged(size / 8, 3 * size) }),
    oldPod: (size) => podOf({ spec: debugged(size / 8, 2 * size) }),
  },
  {
    name: 'a ServiceAccount name',
    pod: (size) => podOf({ spec: { serviceAccountName: 'a'.repeat(size) } }),
  },
  {
    name: 'quotes in skip-containers',
    pod: (size) => podOf({ annotations: { 'eks.amazonaws.com/skip-containers': '"a,b"'.repeat(size) } }),
  },
];
