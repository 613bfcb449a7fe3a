import type { ApiClient } from '../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../kubernetes/command-timeout.ts';
import { podsPath } from '../kubernetes/core-paths.ts';
import { parseRoleArn } from '../lib/arn.ts';
import { INJECTED_CONTAINER } from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { PodroleError } from '../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { parseReport, type ReadReport } from './parse-report.ts';
import { type TestPod, testPodManifest, variableOf } from './pod/pod-manifest.ts';
import { watchPod } from './pod/pod-watch.ts';
import { refusedPod } from './pod/refused-pod.ts';
import { removeLeftovers } from './pod/remove-pods.ts';
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
  readonly signal: AbortSignal;
}

export interface PodTestResult {
  /** ARN that the pod was given; undefined in EKS Pod Identity. */
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
  const { client, pod, recorder, signal } = test;
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const { admitted, role } = await recorder.run(
    'admitted',
    () => create(test),
    (created) => created.role ?? 'with EKS Pod Identity',
  );
  const created = metadataOf(admitted);
  const createdAt = new Date(asText(created?.['creationTimestamp']) ?? '');
  // Nobody needs to know if these cannot be listed.
  const leftovers = await removeLeftovers(client, pod.namespace, createdAt, limits).catch(() => 0);
  const watching = new AbortController();
  const end = AbortSignal.any([signal, watching.signal, AbortSignal.timeout(test.timeoutMs)]);
  const watch = watchPod(client, { ...pod, uid: asText(created?.['uid']) ?? '' }, end);
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

async function create({ client, pod, annotations, annotationPrefix, signal }: PodTest) {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const { namespace, serviceAccount, container } = pod;
  const path = podsPath(namespace);
  const answer = await client.send({ method: 'POST', path, body: testPodManifest(pod) }, limits);
  const admitted = asObject(answer.body);
  if (answer.status >= 300 || !admitted) throw refusedPod(`pod of ${namespace}/${serviceAccount}`, answer);
  const variable = (name: string) => variableOf(admitted, container, name);
  const role = variable(ENV.roleArn) ?? variableOf(admitted, INJECTED_CONTAINER.sidecar, ENV.roleArn);
  if (role !== undefined || variable(ENV.containerCredentialsFullUri) !== undefined)
    return { admitted, role };
  const warnings = answer.warnings ?? [];
  const unmutated = { namespace, serviceAccount, annotations, annotationPrefix, warnings };
  throw new PodroleError(await whyNoRole(client, unmutated, limits));
}

/** @throws PodroleError with the fault that whoami found, or `TEST_POD_NOT_STARTED` if it did not run */
function readEnd(
  { namespace, name, image }: TestPod,
  ended: { readonly exitCode: number; readonly message: string; readonly reason: string } | undefined,
  recorder: StepRecorder,
): ReadReport {
  const report = parseReport(ended?.message ?? '');
  for (const step of report?.steps ?? []) recorder.add({ ...step, name: `pod: ${step.name}` });
  if (report && !report.fault) return report;
  if (report?.fault) {
    const { code, object, problem, remedy } = report.fault;
    throw new PodroleError({
      code: 'NO_IDENTITY_IN_POD',
      object: `pod ${namespace}/${name}`,
      problem: `${object}: ${problem} [${code}]`,
      remedy,
    });
  }
  throw new PodroleError({
    code: 'TEST_POD_NOT_STARTED',
    object: `pod ${namespace}/${name}`,
    problem: `ended with ${ended?.reason} ${ended?.exitCode} and without a report: ${ended?.message}`,
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
  if (!identity) return `STS accepted the token for ${given}`;
  const isOther =
    expected !== undefined &&
    (identity.role !== expected.name || (expected.account !== '' && identity.account !== expected.account));
  if (!isOther)
    return given === undefined || given === annotated
      ? 'as annotated'
      : `${identity.role}, as given to the pod`;
  throw new PodroleError({
    code: 'OTHER_IDENTITY',
    object: `pod of ${pod.namespace}/${pod.serviceAccount}`,
    problem: `is ${identity.arn}, and should have ${given}`,
    remedy:
      'look for credentials that come before those of the role, such as AWS_ACCESS_KEY_ID set by a policy of the cluster',
  });
}
