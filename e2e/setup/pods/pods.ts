import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

type Requests = Pick<AdminClient, 'request'>;

/** The members of a stored pod that the tests read. */
export interface StoredPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly StoredContainer[];
    readonly initContainers?: readonly StoredContainer[];
    readonly ephemeralContainers?: readonly StoredContainer[];
    readonly volumes?: readonly StoredVolume[];
  };
}

interface StoredContainer {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly env?: readonly StoredVariable[];
  readonly volumeMounts?: readonly StoredMount[];
  readonly securityContext?: { readonly runAsUser?: number };
}

interface StoredVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

interface StoredMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

interface StoredVolume {
  readonly name: string;
  readonly projected?: {
    readonly sources: readonly { readonly serviceAccountToken?: TokenProjection }[];
  };
}

export interface TokenProjection {
  readonly audience?: string;
  readonly expirationSeconds: number;
  readonly path: string;
}

/** Members of a pod that a test sets; all others have usual values. */
interface PodDetails {
  readonly name?: string;
  readonly generateName?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export const IMAGE = 'example.test/app:1';

/** Pod Security "restricted" requires this of containers, and a user that is not root. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Returns the manifest of a pod with one container, `app`. */
export function podManifest(namespace: string, serviceAccountName: string, details: PodDetails = {}) {
  const { spec = {}, ...metadata } = details;
  const named = metadata.name || metadata.generateName ? metadata : { ...metadata, name: serviceAccountName };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, ...named },
    spec: { serviceAccountName, containers: [{ name: 'app', image: IMAGE }], ...spec },
  };
}

/** Creates a pod, and returns it as stored. */
export async function createPod(
  api: Requests,
  namespace: string,
  serviceAccountName: string,
  details: PodDetails = {},
): Promise<StoredPod> {
  const manifest = podManifest(namespace, serviceAccountName, details);
  const { body } = await expectSuccess(api, 'POST', podsIn(namespace), manifest);
  return readPod(api, namespace, (body as StoredPod).metadata.name);
}

/** Returns the pod as it would be stored, under an unused name. */
export async function dryRunPod(
  api: Requests,
  namespace: string,
  serviceAccountName: string,
  details: PodDetails = {},
): Promise<StoredPod> {
  const manifest = podManifest(namespace, serviceAccountName, { generateName: 'dry-run-', ...details });
  const { body } = await expectSuccess(api, 'POST', `${podsIn(namespace)}?dryRun=All`, manifest);
  return body as StoredPod;
}

export async function readPod(api: Requests, namespace: string, name: string): Promise<StoredPod> {
  return (await expectSuccess(api, 'GET', `${podsIn(namespace)}/${name}`)).body as StoredPod;
}

/** Returns the pods with a label. */
export async function listPods(
  api: Requests,
  namespace: string,
  labelSelector: string,
): Promise<readonly StoredPod[]> {
  const path = `${podsIn(namespace)}?labelSelector=${encodeURIComponent(labelSelector)}`;
  return ((await expectSuccess(api, 'GET', path)).body as { items: StoredPod[] }).items;
}

/**
 * Creates a ServiceAccount.
 * @param role the value of its role-arn annotation
 */
export async function createServiceAccount(
  api: Requests,
  namespace: string,
  name: string,
  role?: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = { ...annotations, ...(role === undefined ? {} : { [ROLE_ARN]: role }) };
  const account = { metadata: { name, annotations: all } };
  await expectSuccess(api, 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
}

/** Annotates a ServiceAccount with a role. */
export async function annotateServiceAccount(
  api: Requests,
  namespace: string,
  name: string,
  role: string,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  await expectSuccess(api, 'PATCH', path, { metadata: { annotations: { [ROLE_ARN]: role } } });
}

export const ROLE_ARN = 'eks.amazonaws.com/role-arn';

export function podsIn(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

/** Returns a container from any of the three lists. */
export function containerOf({ spec, metadata }: StoredPod, name: string): StoredContainer {
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  const found = all.find((container) => container.name === name);
  if (!found) throw new Error(`pod ${metadata.name} has no container ${name}`);
  return found;
}

/** Returns the variables of a container that have a plain value. */
export function environmentOf(pod: StoredPod, container: string): Record<string, string> {
  const { env = [] } = containerOf(pod, container);
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}
