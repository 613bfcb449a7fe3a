import type { LoadResult } from './load.ts';
import type { Memory } from './memory.ts';

const LABEL_WIDTH = 26;

/** One line a load; with how it compares to the yardstick of the same run where there is one. */
export function describeLoad(result: LoadResult, yardstick: LoadResult | undefined): string {
  const { connections, requestsPerSecond, p50Ms, p99Ms, failures } = result;
  const figures = `${requestsPerSecond.toFixed(0)} requests/s, p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms`;
  const ratio = yardstick
    ? `; of the bare Koa app ${(requestsPerSecond / yardstick.requestsPerSecond).toFixed(2)} of the requests/s, ${(p50Ms / yardstick.p50Ms).toFixed(2)} of the p50`
    : '';
  const trouble = failures > 0 ? `; ${failures} FAILED` : '';
  return line(`${connections} connection${connections === 1 ? '' : 's'}`, `${figures}${ratio}${trouble}`);
}

export function describeMemory(when: string, memory: Memory | undefined): string {
  const { residentMiB, privateMiB } = memory ?? {};
  const figures = `${residentMiB?.toFixed(0)} MiB resident, ${privateMiB?.toFixed(0)} MiB private`;
  return line(`memory ${when}`, memory ? figures : 'not known without /proc');
}

export function line(label: string, figures: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${figures}`;
}
