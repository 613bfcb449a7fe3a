import type { EndingSessions } from '../aws/ending-sessions.ts';
import type { Life } from './churn.ts';
import type { Answers, Collector } from './collector.ts';

/**
 * Returns the answers with something of another pod: credentials for which STS has not exchanged a token of
 * the very pod that asked, or the name of another role.
 */
export function wrongAnswers(
  lives: readonly Life[],
  collector: Collector,
  { exchanged }: Pick<EndingSessions, 'exchanged'>,
): readonly Answers[] {
  const podOf = new Map(exchanged.map(({ accessKey, podUid }) => [accessKey, podUid]));
  return lives.flatMap(({ uid, role }) =>
    collector.answersTo(uid).filter((answers) => {
      if (answers.status !== 200) return false;
      if (answers.key !== undefined) return podOf.get(answers.key) !== uid;
      return answers.role === undefined || role?.endsWith(`:role/${answers.role}`) !== true;
    }),
  );
}

/** Returns what was seen in the lives, as lines for t.diagnostic. */
export function describeLives(lives: readonly Life[], collector: Collector): readonly string[] {
  const withRole = lives.filter(({ role }) => role !== undefined);
  const served = withRole.flatMap((life) => (life.served ? [life.served] : []));
  const times = served.map(({ beganMs, firstMs }) => firstMs - beganMs).sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))] ?? Number.NaN);
  return [
    `${lives.length} lives, ${withRole.length} with a role; ${served.length} got credentials before their end`,
    `from the first instant to the first credentials: median ${at(0.5)} ms, 90 % ${at(0.9)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`,
    ...countAnswers(lives, collector),
  ];
}

/** Returns a line for each kind of answer: how many, and the longest wait. */
function countAnswers(lives: readonly Life[], collector: Collector): readonly string[] {
  const totals = new Map<string, { count: number; longestMs: number; pods: number }>();
  for (const { uid, role } of lives) {
    for (const { status, reason, key, count, longestMs } of collector.answersTo(uid)) {
      const what = status === 200 ? (key ? 'credentials' : 'role') : `${status || 'failed'} ${reason ?? ''}`;
      const name = `${role === undefined ? 'without' : 'with'} role: ${what.replaceAll(/\s+/g, ' ').slice(0, 160)}`;
      const total = totals.get(name) ?? { count: 0, longestMs: 0, pods: 0 };
      totals.set(name, {
        count: total.count + count,
        longestMs: Math.max(total.longestMs, longestMs),
        pods: total.pods + 1,
      });
    }
  }
  return [...totals]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { count, longestMs }]) => `${name}: ${count}, longest ${Math.round(longestMs)} ms`);
}
