import { type ApiAnswer, describeAnswer } from '../../../kubernetes/api-client.ts';
import { podsPath } from '../../../kubernetes/core-paths.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import type { DryRunFacts } from '../../facts/cluster-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import { isInjected } from '../../workload/left-out.ts';
import type { KnownAnnotations } from './narrow/kept-annotations.ts';
import { narrowPod } from './narrow/narrow-pod.ts';
import { attempt, type ClusterAccess, readingOf } from './read/read-cluster.ts';

export interface DryRunOptions {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Pod or template to resemble. */
  readonly like: PodFacts | undefined;
  readonly known: KnownAnnotations;
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const MAX_WARNINGS = 20;
const MAX_CONTAINERS = 50;

/**
 * Sends a pod to be validated: the API server asks its webhooks, and stores nothing. The pod has the labels,
 * annotations and container names of the judged one, which decide what webhooks do, and nothing else of it.
 */
export function dryRun(access: ClusterAccess, options: DryRunOptions): Promise<Reading<DryRunFacts>> {
  const { client, limits } = access;
  const { namespace } = options;
  const needs = `create on pods in the namespace ${namespace}`;
  return attempt<DryRunFacts>(limits, async () => {
    const path = `${podsPath(namespace)}?dryRun=All`;
    const answer = await client.send({ method: 'POST', path, body: manifestOf(options) }, limits);
    const warnings = (answer.warnings ?? []).slice(0, MAX_WARNINGS);
    if (isRefusal(answer) && (answer.status !== 403 || (await mayCreate(access, namespace))))
      return { state: 'read', value: { warnings, refused: describeAnswer(answer) } };
    return readingOf(answer, needs, (pod) => ({ pod: narrowPod(pod, options.known), warnings }));
  });
}

/** 429 and 503 pass; 500 is also the answer for a webhook that failed, with the failurePolicy Fail. */
function isRefusal({ status }: ApiAnswer): boolean {
  return status >= 400 && ![401, 429, 503, 504].includes(status);
}

/** Both a missing right and a refusal by admission are answered with 403. */
async function mayCreate({ client, limits }: ClusterAccess, namespace: string): Promise<boolean> {
  const resourceAttributes = { namespace, verb: 'create', resource: 'pods' };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await client.send({ method: 'POST', path: REVIEWS, body }, limits);
  return asObject(asObject(answer.body)?.['status'])?.['allowed'] === true;
}

function manifestOf({ namespace, serviceAccountName, like }: DryRunOptions): JsonObject {
  const { [PODROLE_ANNOTATION.injected]: _, ...annotations } = like?.annotations ?? {};
  const isWindows = like?.isWindows ?? false;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      generateName: 'podrole-doctor-',
      labels: like?.labels ?? {},
      annotations,
    },
    spec: {
      serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { 'kubernetes.io/os': isWindows ? 'windows' : 'linux' },
      securityContext: isWindows ? WINDOWS : LINUX,
      containers: containerNames(like).map((name) => container(name, isWindows)),
    },
  };
}

function containerNames(like: PodFacts | undefined): readonly string[] {
  const names = (like?.containers ?? []).flatMap(({ kind, name }) => (kind === 'container' ? name : []));
  const own = names.filter((name) => !isInjected(name)).slice(0, MAX_CONTAINERS);
  return own.length > 0 ? own : ['podrole-doctor'];
}

/** As Pod Security "restricted" asks. */
const LINUX = { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } } as const;
const WINDOWS = { runAsNonRoot: true, windowsOptions: { runAsUserName: 'ContainerUser' } } as const;

function container(name: string, isWindows: boolean): JsonObject {
  const confined = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  return {
    name,
    image: 'podrole:never-run',
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
    ...(!isWindows && { securityContext: confined }),
  };
}
