import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import fastJsonPatch, { type Operation } from 'fast-json-patch';

/** The members of a Pod that the tests read. */
export interface Pod {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Volume {
  readonly name: string;
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: {
        readonly audience: string;
        readonly expirationSeconds: number;
        readonly path: string;
      };
    }[];
  };
}

interface AdmissionAnswer {
  readonly response: {
    readonly allowed: boolean;
    readonly patch?: string;
    readonly warnings?: readonly string[];
  };
}

/** Returns an AdmissionReview as kube-apiserver sends it when a pod is created. */
export function reviewOf(pod: Pod): object {
  const { name, namespace = 'default' } = pod.metadata;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      name,
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}

/** Sends a pod to a webhook as kube-apiserver does, and returns the patched pod. */
export async function admit(pod: Pod, port: number, ca: string): Promise<Pod> {
  const outgoing = request({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca,
    path: '/mutate?timeout=5s',
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    agent: false,
  });
  outgoing.end(JSON.stringify(reviewOf(pod)));
  const [incoming] = await once(outgoing, 'response');
  const { response } = (await json(incoming)) as AdmissionAnswer;
  if (!response.allowed) throw new Error('the webhook refused the pod');
  if (!response.patch) return pod;
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[];
  return fastJsonPatch.applyPatch(pod, operations, true, false).newDocument;
}
