import { type IAMClient, waitUntilRoleExists } from '@aws-sdk/client-iam';
import { type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { remedyFor } from '../../kubernetes/api-refusal.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import type { IamCall } from '../iam/iam-call.ts';
import { iamError } from '../iam/iam-fault.ts';
import { sendKnownPrincipals } from '../iam/send-known-principals.ts';
import type { TargetIam } from '../iam/target-iam.ts';
import type { ClusterCall, PlanStep } from '../plan/plan-step.ts';
import { describeStep } from './render-plan.ts';

export interface ApplyTools {
  readonly iam: IAMClient;
  /** Undefined if no step is for the account of a target role. */
  readonly targetIam?: TargetIam | undefined;
  /** Undefined if no step is for the cluster. */
  readonly cluster: ApiClient | undefined;
  /** Takes a line for each step once it is done. */
  readonly say: (line: string) => void;
  /** No further step begins after it is aborted. */
  readonly signal: AbortSignal;
}

/** Steps that an error names. */
const MAX_LISTED = 20;

/** Time until all of IAM knows a new role. [iam] "Changes that I make are not always immediately visible" */
const ROLE_VISIBLE_SECONDS = 30;

/**
 * Makes the changes one after the other.
 * @throws PodroleError with the failure and, if steps were done before it, `PARTLY_APPLIED`: the changes made
 * and not made
 */
export async function applySteps(steps: readonly PlanStep[], tools: ApplyTools): Promise<void> {
  for (const [at, step] of steps.entries()) {
    try {
      if (tools.signal.aborted) throw stopped(step);
      await applyStep(step, tools);
    } catch (thrown) {
      throw partly(steps, at, thrown);
    }
    tools.say(`done: ${describeStep(step)}`);
  }
}

/** Makes a change to its end, whatever the signal. */
async function applyStep({ object, call }: PlanStep, tools: ApplyTools): Promise<void> {
  const { cluster, signal } = tools;
  if (call.service === 'cluster') return applyChange(object, call, cluster);
  const iam = clientOf(call, tools);
  try {
    await sendKnownPrincipals(iam, call, signal);
    // Without the wait, a role that was just created is complete.
    if (call.operation === 'CreateRole' && !signal.aborted) {
      const wait = {
        client: iam,
        maxWaitTime: ROLE_VISIBLE_SECONDS,
        minDelay: 1,
        maxDelay: 5,
        abortSignal: signal,
      };
      await waitUntilRoleExists(wait, { RoleName: call.input.RoleName });
    }
  } catch (thrown) {
    if (call.operation === 'CreateRole' && isAbort(thrown)) return;
    throw iamError(thrown, { operation: call.operation, object });
  }
}

function clientOf({ account }: IamCall, { iam, targetIam }: ApplyTools): IAMClient {
  if (account === undefined) return iam;
  if (targetIam?.account.accountId !== account)
    throw new Error(`a change in account ${account} has no client`);
  return targetIam.iam;
}

async function applyChange(
  object: string,
  { change }: ClusterCall,
  cluster: ApiClient | undefined,
): Promise<void> {
  if (!cluster) throw new Error(`${object} is to be changed without a cluster`);
  const answer = await cluster.send(change, { timeoutMs: CLUSTER_TIMEOUT_MS, signal: NEVER_ABORTED });
  const isDone = answer.status < 300 || (change.method === 'DELETE' && answer.status === 404);
  if (isDone) return;
  const isChanged = answer.status === 409;
  throw new PodroleError({
    code: isChanged ? 'CHANGED_MEANWHILE' : 'API_REFUSED',
    object,
    problem: `${change.method} ${change.path} ${describeAnswer(answer)}`,
    remedy: isChanged
      ? 'somebody made or changed it at the same time; run again to plan against what is there now'
      : remedyFor(answer, 'use a kubeconfig that may change it, then run again'),
  });
}

/** True if a wait was given up; the calls of IAM take no signal. */
function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

function stopped(step: PlanStep): PodroleError {
  return new PodroleError({
    code: 'STOPPED',
    object: step.object,
    problem: 'was not changed, because this run was asked to stop',
    remedy: 'run again',
  });
}

function partly(steps: readonly PlanStep[], failedAt: number, thrown: unknown): unknown {
  if (!(thrown instanceof PodroleError)) return thrown;
  if (failedAt === 0) return thrown;
  const list = (some: readonly PlanStep[]) => {
    const left = some.length > MAX_LISTED ? [`${some.length - MAX_LISTED} more`] : [];
    return [...some.slice(0, MAX_LISTED).map(describeStep), ...left].join('; ');
  };
  const done = `${failedAt} of ${steps.length} changes are done: ${list(steps.slice(0, failedAt))}`;
  const isInterrupted = thrown.code === 'STOPPED';
  const fault: Fault = {
    code: 'PARTLY_APPLIED',
    object: 'plan',
    problem: `${done}. Not done: ${list(steps.slice(failedAt))}`,
    remedy: `${isInterrupted ? '' : 'fix the faults named above and '}run the same command again: it does the rest`,
  };
  return new PodroleError([...thrown.faults, fault], { cause: thrown });
}
