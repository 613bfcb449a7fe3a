import type { Memory } from './memory.ts';
import type { Measured } from './rounds.ts';

const LABEL_WIDTH = 26;

export function describeLoad(
  { result, requestsRatio, p50Ratio }: Measured,
  baseline: string | undefined,
): string {
  const { connections, requestsPerSecond, p50Ms, p99Ms, failures } = result;
  const figures = `${requestsPerSecond.toFixed(0)} req/s, p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms`;
  const ratio = baseline ? `; vs ${baseline}: x${requestsRatio.toFixed(2)}, p50 x${p50Ratio.toFixed(2)}` : '';
  const trouble = failures > 0 ? `; ${failures} FAILED` : '';
  return line(`${connections} connection${connections === 1 ? '' : 's'}`, `${figures}${ratio}${trouble}`);
}

/** Describes what contestants did, each but the first against it. */
export function describeTurns(
  contestants: readonly { readonly title: string }[],
  measured: readonly (readonly Measured[])[],
): string {
  return contestants
    .flatMap(({ title }, index) => [
      title,
      ...(measured[index] ?? []).map((figures) =>
        describeLoad(figures, index > 0 ? contestants[0]?.title : undefined),
      ),
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
