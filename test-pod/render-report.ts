import { printable } from '../lib/text/printable.ts';
import type { Step } from './report.ts';

export const OUTPUTS = ['text', 'json', 'yaml'] as const;
export type ReportOutput = (typeof OUTPUTS)[number];

/** Returns the steps as a table: state, name, time, detail. */
export function renderSteps(steps: readonly Step[]): string {
  const width = Math.max(...steps.map(({ name }) => name.length));
  const lines = steps.map(({ name, state, ms, detail = '' }) => {
    const time = ms === undefined ? '' : formatMs(ms);
    return `${state.padEnd(7)}  ${printable(name).padEnd(width)}  ${time.padStart(7)}  ${printable(detail)}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join('');
}

function formatMs(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
