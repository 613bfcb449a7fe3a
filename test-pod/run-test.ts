import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { apiRefused } from '../kubernetes/api-refusal.ts';
import { CLUSTER_TIMEOUT_MS } from '../kubernetes/command-timeout.ts';
import { connect } from '../kubernetes/connect.ts';
import { serviceAccountPath } from '../kubernetes/core-paths.ts';
import { systemClock } from '../lib/clock.ts';
import { annotationKey } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION, SIDECAR_MODES } from '../lib/contract/podrole.ts';
import { type Fault, PodroleError } from '../lib/errors.ts';
import { renderForPrograms } from '../lib/for-programs.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { NEVER_ABORTED } from '../lib/never-aborted.ts';
import { parseOneServiceAccount } from '../lib/operands/service-accounts.ts';
import type { Env, Output } from '../lib/surroundings.ts';
import { printable } from '../lib/text/printable.ts';
import { findImage } from './pod/find-image.ts';
import { POD_NAME_PREFIX, type TestPod } from './pod/pod-manifest.ts';
import { type PodToRemove, removePod } from './pod/remove-pods.ts';
import { renderSteps } from './render-report.ts';
import type { TestSettings } from './settings.ts';
import { createStepRecorder } from './step-recorder.ts';
import { type PodTestResult, testPod } from './test-pod.ts';

export interface TestSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** Time that the pod may still run after the command gave it up. */
const DEADLINE_RESERVE_SECONDS = 30;

/**
 * Runs `podrole test`: starts a pod with a ServiceAccount, prints who it is for AWS, and removes it.
 * @throws PodroleError with the fault of the step that failed, after the steps are printed
 */
export async function runTest(
  settings: TestSettings,
  { stdout, stderr, env, signal }: TestSurroundings,
  operands: readonly string[],
): Promise<void> {
  const remedy = 'write podrole test -n NAMESPACE NAME';
  const { namespace, name: serviceAccount } = parseOneServiceAccount(operands, settings.namespace, remedy);
  const client = connect(settings, env);
  const recorder = createStepRecorder(systemClock.monotonicMs);
  const faults: Fault[] = [];
  let unexpected: unknown;
  const keep = (thrown: unknown) => {
    // The pod is removed first.
    if (!(thrown instanceof PodroleError)) unexpected ??= thrown;
    else faults.push(...(signal.aborted ? [interrupted()] : thrown.faults));
  };
  const name = podName(serviceAccount);
  let result: PodTestResult | undefined;
  let made: PodToRemove | undefined;
  try {
    const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
    const annotations = await readAnnotations(client, { namespace, serviceAccount }, limits);
    const found = settings.image === undefined ? await findImage(client, limits) : undefined;
    const mode = annotations[PODROLE_ANNOTATION.sidecar];
    const pod = {
      namespace,
      serviceAccount,
      name,
      container: settings.container,
      image: settings.image ?? found?.image ?? '',
      imagePullPolicy: found?.imagePullPolicy,
      asksSidecar: SIDECAR_MODES.some((known) => known === mode),
      isKept: settings.keep,
      deadlineSeconds: Math.ceil(settings.timeout / 1_000) + DEADLINE_RESERVE_SECONDS,
    };
    stderr.write(`creating pod ${namespace}/${name} with ${printable(pod.image)}\n`);
    result = await testPod({
      client,
      pod,
      annotations,
      roleKey: annotationKey(settings.annotationPrefix, 'roleArn'),
      annotationPrefix: settings.annotationPrefix,
      timeoutMs: settings.timeout,
      recorder,
      onPod: (found) => {
        made = found;
      },
      signal,
    });
  } catch (thrown) {
    keep(thrown);
  }
  if (made && !settings.keep) await remove(made);
  client.close();
  if (unexpected !== undefined) throw unexpected;
  print();
  if (faults.length > 0) throw new PodroleError(faults);

  async function remove(pod: PodToRemove): Promise<void> {
    // Not the signal of the command: after Ctrl-C the pod must go too.
    const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal: NEVER_ABORTED };
    const describe = (wasThere: boolean) => (wasThere ? `pod ${pod.name}` : `pod ${pod.name} is not there`);
    await recorder.run('removed', () => removePod(client, pod, limits), describe).catch(keep);
  }

  function print(): void {
    const { output } = settings;
    const { steps } = recorder;
    if (output !== 'text') {
      const all = { namespace, serviceAccount, pod: made?.name ?? name, ...result, steps, faults };
      stdout.write(renderForPrograms(all, output));
      return;
    }
    if (steps.length > 0) stdout.write(renderSteps(steps));
    for (const note of result?.notes ?? []) stderr.write(`note: ${printable(note)}\n`);
    if (faults.some(({ code }) => BROKEN_CHAIN.some((known) => known === code)))
      stderr.write(`note: podrole doctor -n ${namespace} ${serviceAccount} judges each link to the role\n`);
    if (faults.length > 0 || !result) return;
    const role = result.role ?? result.identity?.arn ?? 'credentials';
    stdout.write(`\nPods of ServiceAccount ${namespace}/${serviceAccount} get ${printable(role)}.\n`);
  }
}

/** Faults whose cause is one of many links. The pod cannot see it, or not all of it. */
const BROKEN_CHAIN = ['NO_IDENTITY_IN_POD', 'NO_ROLE_INJECTED', 'OTHER_IDENTITY'] as const;

/** Room for a suffix in a name that stays a valid host name. */
const MAX_PREFIX = 50;

function podName(serviceAccount: string): string {
  const prefix = `${POD_NAME_PREFIX}${serviceAccount}`.slice(0, MAX_PREFIX).replace(/[.-]$/, '');
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

async function readAnnotations(
  client: Pick<ApiClient, 'get'>,
  { namespace, serviceAccount }: Pick<TestPod, 'namespace' | 'serviceAccount'>,
  limits: Parameters<ApiClient['get']>[1],
): Promise<JsonObject> {
  const path = serviceAccountPath(namespace, serviceAccount);
  const answer = await client.get(path, limits);
  if (answer.status === 200) {
    const annotations = asObject(metadataOf(answer.body)?.['annotations']) ?? {};
    return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, asText(value)]));
  }
  if (answer.status !== 404) throw apiRefused(path, answer, 'use a kubeconfig whose user may get it');
  throw new PodroleError({
    code: 'SERVICE_ACCOUNT_MISSING',
    object: `ServiceAccount ${namespace}/${serviceAccount}`,
    problem: 'does not exist',
    remedy: `create it with a role: podrole bind -n ${namespace} ${serviceAccount}`,
  });
}

function interrupted(): Fault {
  return { code: 'STOPPED', object: 'podrole test', problem: 'was interrupted', remedy: 'run again' };
}
