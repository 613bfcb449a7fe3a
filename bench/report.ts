import type { Memory } from './memory.ts';
import type { Measured } from './rounds.ts';

const LABEL_WIDTH = 26;

function describeLoad({ result, requestsRatio, p50Ratio }: Measured, baseline: string | undefined): string {
  const { connections, requestsPerSecond, p50Ms, p99Ms, failures } = result;
  const figures = `${requestsPerSecond.toFixed(0)} req/s, p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms`;
  const ratio = baseline ? `; vs ${baseline}: x${requestsRatio.toFixed(2)}, p50 x${p50Ratio.toFixed(2)}` : '';
  const trouble = failures > 0 ? `; ${failures} FAILED` : '';
  return line(`${connections} connection${connections === 1 ? '' : 's'}`, `${figures}${ratio}${trouble}`);
}

/**
 * Describes what contestants did, each but the first against it.
 * @param more further lines about a contestant
 */
export function describeTurns<Contestant extends { readonly title: string }>(
  contestants: readonly Contestant[],
  measured: readonly (readonly Measured[])[],
  more: (contestant: Contestant) => readonly string[] = () => [],
): string {
  return contestants
    .flatMap((contestant, index) => [
      contestant.title,
      ...(measured[index] ?? []).map((figures) =>
        describeLoad(figures, index > 0 ? contestants[0]?.title : undefined),
      ),
      ...more(contestant),
      '',
    ])
    .join('\n');
}

export function describeMemory(when: string, memory: Memory | undefined): string {
  if (memory === undefined) return line(`memory ${when}`, 'unknown without /proc');
  const { residentMiB, privateMiB, proportionalMiB } = memory;
  const proportional =
    proportionalMiB === undefined ? '' : `, ${proportionalMiB.toFixed(1)} MiB proportional`;
  const figures = `${residentMiB.toFixed(1)} MiB resident, ${privateMiB.toFixed(1)} MiB private${proportional}`;
  return line(`memory ${when}`, figures);
}

export function line(label: string, figures: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${figures}`;
}
