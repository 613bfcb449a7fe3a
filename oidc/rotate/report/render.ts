import { describeFault } from '../../../lib/errors.ts';
import { printable } from '../../../lib/text/printable.ts';
import { nextStep } from '../decide/next-step.ts';
import { isoTime } from '../state/iso-time.ts';
import { phaseOf, ROTATION_MOMENTS, type RotationState } from '../state/state.ts';
import { describeNext, instructionsFor } from './instructions.ts';
import type { RotationReport } from './report.ts';

/** Returns a report for programs; times are ISO 8601. */
export function reportForPrograms(report: RotationReport): object {
  const { step, outcome, state, task, faults, notes } = report;
  const next = nextStep(state);
  return {
    step,
    outcome,
    phase: state ? phaseOf(state) : 'none',
    ...(state && { issuer: state.issuer, oldKid: state.oldKid, newKid: state.newKid }),
    ...(state && Object.fromEntries(momentsOf(state))),
    ...(next && {
      next: {
        step: next.step,
        ...(next.notBeforeMs !== undefined && { notBefore: isoTime(next.notBeforeMs) }),
      },
    }),
    ...(state && {
      overrides: state.overrides.map(({ atMs, ...rest }) => ({ ...rest, at: isoTime(atMs) })),
    }),
    instructions: task && state ? instructionsFor(task, state) : [],
    faults,
    notes,
  };
}

/**
 * Renders a report as text: state, instructions, next step. Faults are included only for status; those of a
 * step go to stderr.
 */
export function renderText(report: RotationReport): string {
  const { step, outcome, state, task, faults, notes, nowMs } = report;
  const lines = [headline(report)];
  if (state) {
    lines.push(`old key  ${printable(state.oldKid)}`, `new key  ${printable(state.newKid)}`);
    for (const [name, at] of momentsOf(state)) lines.push(`${at}  ${MEANING[name] ?? name}`);
    for (const { step: skipped, atMs, by, reason } of state.overrides) {
      lines.push(printable(`${isoTime(atMs)}  wait of ${skipped} skipped by ${by}: ${reason}`));
    }
  }
  lines.push(...notes.map((note) => printable(`note: ${note}`)));
  if (outcome === 'status') {
    lines.push(...faults.map((fault) => `blocks ${nextStep(state)?.step}: ${describeFault(fault)}`));
  }
  if (task && state) lines.push('', ...instructionsFor(task, state), '');
  const again =
    outcome === 'waiting' ? `then: podrole keys rotate ${step}` : describeNext(nextStep(state), nowMs);
  return `${[...lines, again].join('\n')}\n`;
}

function headline({ step, outcome, state }: RotationReport): string {
  const phase = state ? `phase ${phaseOf(state)}` : 'no rotation';
  if (outcome === 'status') return state ? `${state.issuer}: ${phase}` : phase;
  const words = {
    complete: 'done',
    done: 'was done before',
    waiting: 'is allowed, but not yet done on every API server',
    refused: 'is refused',
  };
  return `${step}: ${words[outcome]} (${phase})`;
}

const MEANING: Readonly<Record<string, string>> = {
  startedAt: 'rotation started',
  publishedAt: 'new key published',
  trustedAt: 'every API server verifies with the new key',
  switchAllowedAt: 'switch of the signer allowed',
  switchedAt: 'every API server signs with the new key',
  finishAllowedAt: 'removal of the old key allowed',
  finishedAt: 'old key removed',
  newKeyMaySignSince: 'tokens of the new key may exist from here on',
  backedOutAt: 'rotation given up, no API server signs with the new key',
  abortedAt: 'new key removed',
};

/** Returns name and ISO time of each past event, in order. */
function momentsOf(state: RotationState): readonly (readonly [name: string, at: string])[] {
  return ROTATION_MOMENTS.flatMap((moment) => {
    const atMs = state[moment];
    return atMs === undefined ? [] : [[moment.replace(/Ms$/, ''), atMs] as const];
  })
    .sort(([, one], [, other]) => one - other)
    .map(([name, atMs]) => [name, isoTime(atMs)]);
}
