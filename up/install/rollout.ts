import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { podsPath } from '../../kubernetes/core-paths.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { WEBHOOK_SELECTOR } from '../../lib/contract/podrole.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import type { Progress } from '../../lib/surroundings.ts';
import { WEBHOOK } from './desired-objects.ts';
import { readObject } from './read-webhook.ts';

const POLL_MS = 1_000;

export interface RolloutWait {
  readonly cluster: ApiClient;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Shows how many replicas are ready. */
  readonly progress: Pick<Progress, 'show'>;
}

/**
 * Resolves when every replica of the webhook is of the newest revision and ready, and the API server has the
 * CA by which it trusts them: until then, pods are created without a role.
 * @throws PodroleError `ROLLOUT_TIMEOUT` with the reason of a pod; `STOPPED`; `API_REFUSED`
 */
export async function waitForWebhook(wait: RolloutWait): Promise<void> {
  const { cluster, timeoutMs, clock, signal, progress } = wait;
  const { namespace, deployment: name } = WEBHOOK;
  const object = `Deployment ${namespace}/${name}`;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    if (signal.aborted) {
      throw new PodroleError({
        code: 'STOPPED',
        object,
        problem: 'is applied, but was not waited for, because this run was asked to stop',
        remedy: 'run again to see whether it gets ready',
      });
    }
    const deployment = await readObject(
      cluster,
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
      signal,
    );
    const state = rolloutOf(deployment);
    if (state.isDone && hasBundles(await readObject(cluster, CONFIGURATION, signal))) return;
    progress.show(`waiting for the replicas of ${object}`, state.ready, state.wanted);
    if (clock.monotonicMs() + POLL_MS > deadlineMs) {
      if (state.isDone) throw withoutBundle(timeoutMs);
      const reason = await reasonOfPods(cluster, signal);
      throw new PodroleError({
        code: 'ROLLOUT_TIMEOUT',
        object,
        problem: `has ${state.ready} of ${state.wanted} replicas ready after ${timeoutMs / 1_000} s${reason}`,
        remedy:
          'see kubectl describe pods --namespace podrole; then run again, with a longer --timeout if it needs it',
      });
    }
    await pause(clock, POLL_MS, signal);
  }
}

const CONFIGURATION = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name: WEBHOOK.configuration,
} as const;

/** Returns true if the webhook has written its CA bundle into each part of its configuration. */
export function hasBundles(configuration: JsonObject | undefined): boolean {
  const webhooks = asArray(configuration?.['webhooks']) ?? [];
  return (
    webhooks.length > 0 &&
    webhooks.every((each) => Boolean(asObject(asObject(each)?.['clientConfig'])?.['caBundle']))
  );
}

function withoutBundle(timeoutMs: number): PodroleError {
  return new PodroleError({
    code: 'ROLLOUT_TIMEOUT',
    object: `${CONFIGURATION.kind} ${CONFIGURATION.name}`,
    problem: `has no caBundle after ${timeoutMs / 1_000} s, which the webhook writes`,
    remedy: `see kubectl logs --namespace ${WEBHOOK.namespace} deployment/${WEBHOOK.deployment}; then run again`,
  });
}

export interface Rollout {
  readonly isDone: boolean;
  readonly ready: number;
  readonly wanted: number;
}

/** Returns how far a Deployment has come. [k8s] "Deployments", complete deployment */
export function rolloutOf(deployment: JsonObject | undefined): Rollout {
  const status = asObject(deployment?.['status']);
  const count = (key: string) => Number(status?.[key] ?? 0);
  const wanted = Number(asObject(deployment?.['spec'])?.['replicas'] ?? 1);
  const generation = Number(asObject(deployment?.['metadata'])?.['generation'] ?? 0);
  const isSeen = count('observedGeneration') >= generation;
  const updated = isSeen ? count('updatedReplicas') : 0;
  const ready = Math.min(updated, count('availableReplicas'));
  return { isDone: ready >= wanted && count('replicas') === updated, ready, wanted };
}

/** Returns why a pod of the webhook is not ready, as the end of a sentence; empty if no pod says so. */
async function reasonOfPods(cluster: ApiClient, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams({ labelSelector: WEBHOOK_SELECTOR, limit: '50' });
  const path = `${podsPath(WEBHOOK.namespace)}?${query}`;
  const { body } = await cluster.get(path, { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
  const pods = (asArray(asObject(body)?.['items']) ?? []).map((pod) => asObject(asObject(pod)?.['status']));
  const reasons = pods.flatMap((status) => [
    ...(asArray(status?.['conditions']) ?? []).flatMap((each) => unscheduled(asObject(each))),
    ...(asArray(status?.['containerStatuses']) ?? []).flatMap((each) => {
      const waiting = asObject(asObject(asObject(each)?.['state'])?.['waiting']);
      return waiting ? describe(waiting) : [];
    }),
  ]);
  return reasons[0] === undefined ? '' : `: ${reasons[0]}`;
}

function unscheduled(condition: JsonObject | undefined): readonly string[] {
  const isIt = condition?.['type'] === 'PodScheduled' && condition['status'] === 'False';
  return isIt ? describe(condition) : [];
}

function describe({ reason, message }: JsonObject): readonly string[] {
  const said = asText(message)?.slice(0, 300);
  return asText(reason) === undefined ? [] : [`${asText(reason)}${said ? ` (${said})` : ''}`];
}
