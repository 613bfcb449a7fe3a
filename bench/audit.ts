import { buildModel } from '../doctor/audit/build-model.ts';
import { renderReport } from '../doctor/report/render-report.ts';
import { auditModel } from '../testing/audit/model.ts';
import {
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../testing/doctor/audit-facts.ts';
import type { BenchRun } from './bench-run.ts';
import { line } from './report.ts';
import { median } from './rounds.ts';

const ROUNDS = 5;
const SIZES = [200, 2_000] as const;

/**
 * Measures the pure parts of `podrole audit` in this process: the CPU time of its joins and of its page, for
 * two sizes, and the ratio, which is ten if the work is linear.
 */
export async function measureAudit({ print }: BenchRun): Promise<void> {
  print(`Audit: ${SIZES.join(' and ')} ServiceAccounts with a role and a pod each, median of ${ROUNDS}.\n`);
  const worlds = SIZES.map((size) => ({
    facts: factsOf(size),
    model: auditModel({ serviceAccounts: size }),
  }));
  const joins = worlds.map(({ facts }) => cpuMsOf(() => buildModel(facts, () => [])));
  const pages = worlds.map(({ model }) => cpuMsOf(() => renderReport(model)));
  for (const [name, [small = 0, large = 0]] of [
    ['joins', joins],
    ['page', pages],
  ] as const)
    print(
      line(name, `${small.toFixed(0)} ms and ${large.toFixed(0)} ms of CPU, x${(large / small).toFixed(1)}`),
    );
  print('');
}

function factsOf(size: number) {
  const all = Array.from({ length: size }, (_, at) => ({
    name: `s${at}`,
    owner: `n${at % 50}/s${at}`,
    roleArn: auditRoleArn(`s${at}`),
  }));
  return auditFacts({
    cluster: {
      serviceAccounts: all.map(({ owner, roleArn }) => auditServiceAccount(owner, roleArn)),
      pods: all.map(({ name, owner, roleArn }) =>
        auditPod(name, owner, { roles: [{ container: 'app', roleArn, audience: undefined }] }),
      ),
    },
    iam: { roles: all.map(({ name, owner }) => auditRole(name, trusts(owner))) },
  });
}

function cpuMsOf(work: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return median(rounds);
}
