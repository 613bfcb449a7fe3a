import type { ApiClient } from '../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../kubernetes/command-timeout.ts';
import { podsPath } from '../kubernetes/core-paths.ts';
import { parseRoleArn } from '../lib/arn.ts';
import { INJECTED_CONTAINER } from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { PodroleError } from '../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { isObjectName } from '../lib/kubernetes-names.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { NEVER_ABORTED } from '../lib/never-aborted.ts';
import { parseReport, type ReadReport } from './parse-report.ts';
import { type TestPod, testPodManifest, variableOf } from './pod/pod-manifest.ts';
import { watchPod } from './pod/pod-watch.ts';
import { refusedPod } from './pod/refused-pod.ts';
import { type PodToRemove, removeLeftovers } from './pod/remove-pods.ts';
import { whyNoRole } from './pod/why-no-role.ts';
import type { CallerIdentity } from './report.ts';
import type { StepRecorder } from './step-recorder.ts';

export interface PodTest {
  readonly client: ApiClient;
  readonly pod: TestPod;
  /** Annotations of the ServiceAccount. */
  readonly annotations: JsonObject;
  readonly annotationPrefix: string;
  readonly roleKey: string;
  readonly timeoutMs: number;
  readonly recorder: StepRecorder;
  /** Takes the pod as soon as it may exist, and undefined when it is certain that it does not. */
  readonly onPod: (pod: PodToRemove | undefined) => void;
  readonly signal: AbortSignal;
}

export interface PodTestResult {
  /**
   * ARN that the pod was given, its target role if it has one; undefined in EKS Pod Identity, or if the ARN
   * comes from elsewhere.
   */
  readonly role: string | undefined;
  readonly identity: CallerIdentity | undefined;
  readonly expiration: string | undefined;
  readonly notes: readonly string[];
}

/**
 * Creates the pod and follows it until it says who it is. The caller removes it.
 * @throws PodroleError with the fault of the step that failed
 */
export async function testPod(test: PodTest): Promise<PodTestResult> {
  const { client, recorder, signal } = test;
  const { pod, createdAt, role } = await recorder.run(
    'admitted',
    () => create(test),
    (created) => created.role ?? 'without a role ARN, as with EKS Pod Identity',
  );
  const watching = new AbortController();
  const end = AbortSignal.any([signal, watching.signal, AbortSignal.timeout(test.timeoutMs)]);
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal: end };
  // Nobody needs to know if these cannot be listed.
  const leftovers = await removeLeftovers(client, pod.namespace, createdAt, limits).catch(() => 0);
  const watch = watchPod(client, pod, end);
  try {
    await recorder.run(
      'scheduled',
      () => watch.until('get a node', ({ node }) => node !== undefined),
      ({ node }) => `on node ${node}`,
    );
    await recorder.run(
      'started',
      () => watch.until('start', ({ hasStarted }) => hasStarted),
      () => `image ${pod.image}`,
    );
    const report = await recorder.run(
      'answered',
      async () => {
        const { ended } = await watch.until('end', (progress) => progress.ended !== undefined);
        return readEnd(pod, ended, recorder);
      },
      () => 'with an identity',
    );
    await recorder.run(
      'role',
      async () => requireRole(test, role, report),
      (said) => said,
    );
    const { identity, expiration, notes } = report;
    const more = leftovers > 0 ? [`removed ${leftovers} test pods of earlier runs`] : [];
    return { role, identity, expiration, notes: [...notes, ...more] };
  } finally {
    watching.abort();
  }
}

/** Webhooks of a cluster may take 30 s each. */
const CREATE_TIMEOUT_MS = 45_000;

async function create({ client, pod, onPod, annotations, annotationPrefix, signal }: PodTest) {
  const { namespace, serviceAccount, container } = pod;
  const path = podsPath(namespace);
  // If no answer comes, the pod may be there.
  onPod({ namespace, name: pod.name, uid: undefined });
  // Not the signal of the command: a pod whose creation is cut off appears after it was looked for.
  const untilCreated = { timeoutMs: CREATE_TIMEOUT_MS, signal: NEVER_ABORTED };
  const answer = await client.send({ method: 'POST', path, body: testPodManifest(pod) }, untilCreated);
  const admitted = asObject(answer.body);
  const created = metadataOf(admitted);
  // A webhook may change the name.
  const [name = '', uid] = [asText(created?.['name']), asText(created?.['uid'])];
  if (answer.status >= 300 || !admitted || uid === undefined || !isObjectName(name)) {
    if (answer.status >= 300 && answer.status < 500) onPod(undefined);
    throw refusedPod(`pod of ${namespace}/${serviceAccount}`, answer);
  }
  onPod({ namespace, name, uid });
  const variable = (key: string) => variableOf(admitted, container, key);
  const ofSidecar = variableOf(admitted, INJECTED_CONTAINER.sidecar, ENV.roleArn);
  const role = variable(ENV.targetRoleArn) ?? variable(ENV.roleArn) ?? ofSidecar;
  if (role !== undefined || variable(ENV.containerCredentialsFullUri) !== undefined) {
    const createdAt = new Date(asText(created?.['creationTimestamp']) ?? '');
    return { pod: { ...pod, name, uid }, createdAt, role: role || undefined };
  }
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const warnings = answer.warnings ?? [];
  const unmutated = { namespace, serviceAccount, annotations, annotationPrefix, warnings };
  throw new PodroleError(await whyNoRole(client, unmutated, limits));
}

/** Most characters of a termination message that an error repeats. */
const MAX_SAID_LENGTH = 500;

/** @throws PodroleError with the fault that whoami found, or `TEST_POD_NOT_STARTED` if it did not run */
function readEnd(
  { namespace, name, image }: TestPod,
  ended: { readonly exitCode: number; readonly message: string; readonly reason: string } | undefined,
  recorder: StepRecorder,
): ReadReport {
  const report = parseReport(ended?.message ?? '');
  for (const step of report?.steps ?? []) recorder.add({ ...step, name: `pod: ${step.name}` });
  const isWhole =
    ended?.exitCode === 0 &&
    report?.steps.at(-1)?.name === 'identity' &&
    report.steps.every(({ state }) => state === 'ok');
  if (report && !report.fault && isWhole) return report;
  if (report?.fault) {
    const { code, object, problem, remedy } = report.fault;
    throw new PodroleError({
      code: 'NO_IDENTITY_IN_POD',
      object: `pod ${namespace}/${name}`,
      problem: `${object}: ${problem} [${code}]`,
      remedy,
    });
  }
  const said = (ended?.message ?? '').slice(0, MAX_SAID_LENGTH);
  throw new PodroleError({
    code: 'TEST_POD_NOT_STARTED',
    object: `pod ${namespace}/${name}`,
    problem: `ended with ${ended?.reason} ${ended?.exitCode} and without a ${report ? 'whole ' : ''}report: ${said}`,
    remedy: `check that ${image} is podrole, of this version`,
  });
}

/** @throws PodroleError `OTHER_IDENTITY` */
function requireRole(
  { pod, annotations, roleKey }: PodTest,
  given: string | undefined,
  { identity }: ReadReport,
): string {
  const annotated = annotations[roleKey];
  const expected = parseRoleArn(given ?? '');
  if (!identity) return `STS accepted the token for ${given ?? 'the role of the pod'}`;
  const isOther =
    expected !== undefined &&
    (identity.role !== expected.name || (expected.account !== '' && identity.account !== expected.account));
  if (!isOther && given !== undefined && given === annotated) return 'as annotated';
  if (!isOther) return `${identity.role ?? identity.arn}, as given to the pod`;
  throw new PodroleError({
    code: 'OTHER_IDENTITY',
    object: `pod of ${pod.namespace}/${pod.serviceAccount}`,
    problem: `is ${identity.arn}, and should have ${given}`,
    remedy:
      'look for credentials that come before those of the role, such as AWS_ACCESS_KEY_ID set by a policy of the cluster',
  });
}
