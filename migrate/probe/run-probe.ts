import type { Readable } from 'node:stream';
import { connect } from '../../kubernetes/connect.ts';
import { connectToContainers } from '../../kubernetes/exec/run-in-container.ts';
import type { ClusterChoice } from '../../kubernetes/kube-config.ts';
import { confirm } from '../../lib/confirm.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Env, Output, Progress } from '../../lib/surroundings.ts';
import { printable } from '../../lib/text/printable.ts';
import type { MigrationModel } from '../model.ts';
import { withProbe } from './judge-probe.ts';
import { probeWorkloads } from './probe-workloads.ts';

export interface ProbeSurroundings extends Pick<Output, 'stderr'> {
  readonly stdin: Readable;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Asks whether `--probe` may run its script. A command calls it before it reads anything, so that the answer
 * does not come too late.
 * @throws PodroleError `NOT_CONFIRMED`
 */
export async function agreeToProbe(
  { yes, namespace }: { readonly yes: boolean; readonly namespace: string | undefined },
  surroundings: Pick<ProbeSurroundings, 'stdin' | 'stderr' | 'signal' | 'progress'>,
): Promise<void> {
  if (yes) return;
  const where = namespace === undefined ? 'of all namespaces' : `of the namespace ${namespace}`;
  surroundings.progress.clear();
  const question = `Run a shell script, which only reads, in one running pod of each workload ${where} that names a role?`;
  if (await confirm(printable(question), surroundings, surroundings.signal)) return;
  throw new PodroleError({
    code: 'NOT_CONFIRMED',
    object: '--probe',
    problem: `would run a shell script in pods ${where}, and nobody agreed`,
    remedy: 'answer yes, or give --yes; nothing was run',
  });
}

/**
 * Looks into a running pod of each workload of a plan, after `agreeToProbe`.
 * @returns the plan with the SDKs that were found, and with what each workload needs
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export async function probeModel(
  model: MigrationModel,
  choice: ClusterChoice,
  { env, signal, progress }: Pick<ProbeSurroundings, 'env' | 'signal' | 'progress'>,
): Promise<MigrationModel> {
  const client = connect(choice, env);
  try {
    const run = connectToContainers(choice, env);
    const probed = await probeWorkloads(model.workloads, { client, run, signal, progress });
    return withProbe(model, probed);
  } finally {
    client.close();
  }
}
