import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Fault } from '../../../lib/errors.ts';
import type { Verdict } from '../decide/verdict.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Override } from '../state/state.ts';
import { phaseOf, ROTATION_STEPS, type RotationState, type RotationStep } from '../state/state.ts';
import { guard } from './guard.ts';

/**
 * Verdicts of the guard on every step in every phase, before and after the phase's wait, for every state of
 * two API servers. To rewrite the golden file, then review the difference:
 *
 *     UPDATE_GOLDEN=1 node --test oidc/rotate/steps/guard.test.ts
 */
const GOLDEN = `${import.meta.dirname}/testdata/guard.txt`;
const HOUR_MS = 3_600_000;
const began = Date.UTC(2026, 0, 1);
const at = (hours: number) => began + hours * HOUR_MS;

const starting: RotationState = {
  issuer: 'https://oidc.example.com',
  oldKid: 'old',
  newKid: 'new',
  tokenLifetimeSeconds: 86_400,
  startedAtMs: at(0),
  overrides: [],
};
const published = { ...starting, publishedAtMs: at(0) };
const trusted = { ...published, trustedAtMs: at(0) };
const switching = { ...trusted, switchAllowedAtMs: at(1) };
const switched = { ...switching, switchedAtMs: at(1) };
const backingOut = { ...trusted, backedOutAtMs: at(1), newKeyMaySignSinceMs: at(1) };
const phases: readonly (readonly [name: string, state: RotationState | undefined])[] = [
  ['none', undefined],
  ['starting', starting],
  ['published', published],
  ['trusted', trusted],
  ['switching', switching],
  ['switched', switched],
  ['finishing', { ...switched, finishAllowedAtMs: at(26) }],
  ['finished', { ...switched, finishAllowedAtMs: at(26), finishedAtMs: at(26) }],
  ['backing-out', backingOut],
  ['aborted', { ...backingOut, abortedAtMs: at(26) }],
];

const server = (name: string, signsWith: string, ...verifiesWith: string[]) => ({
  name,
  signsWith,
  verifiesWith,
  clockAheadMs: 0,
});
const seen = (apiServers: Evidence['apiServers'], kids: readonly string[] = ['old', 'new']): Evidence => ({
  apiServers,
  publishedKids: kids,
  publicKids: kids,
  faults: [],
  notes: [],
});
const oldOnly = [server('a', 'old', 'old'), server('b', 'old', 'old')];
const trusting = [server('a', 'old', 'old', 'new'), server('b', 'old', 'old', 'new')];
const signing = [server('a', 'new', 'old', 'new'), server('b', 'new', 'old', 'new')];
const newOnly = [server('a', 'new', 'new'), server('b', 'new', 'new')];
const unreadable: Fault = { code: 'API_UNREACHABLE', object: 'b', problem: 'is down', remedy: 'start it' };
const worlds: Readonly<Record<string, Evidence>> = {
  'new key unknown everywhere': seen(oldOnly, ['old']),
  'published, not trusted': seen(oldOnly),
  'published, not public': { ...seen(trusting), publicKids: ['old'] },
  'trusted by one': seen([server('a', 'old', 'old', 'new'), server('b', 'old', 'old')]),
  trusted: seen(trusting),
  'signed with by one': seen([server('a', 'new', 'old', 'new'), server('b', 'old', 'old', 'new')]),
  'signed with': seen(signing),
  'signed with, not published': seen(signing, ['old']),
  'old key not published': seen(trusting, ['new']),
  'old key dropped by the API servers': seen(newOnly),
  'old key dropped everywhere': seen(newOnly, ['new']),
  'a third key signs': seen([server('a', 'third', 'old', 'new'), server('b', 'old', 'old', 'new')]),
  'one is down': { ...seen([server('a', 'old', 'old')]), faults: [unreadable] },
  'a clock is wrong': seen(trusting.map((each) => ({ ...each, clockAheadMs: HOUR_MS }))),
};

const override: Override = { step: 'switch', atMs: at(26.5), by: 'ada', reason: 'the key was stolen' };

function judge(
  step: RotationStep,
  state: RotationState | undefined,
  evidence: Evidence,
  nowMs: number,
  withOverride?: Override,
): Verdict {
  const newKid = step === 'start' ? { newKid: 'new' } : {};
  return guard(step, {
    state,
    evidence,
    nowMs,
    issuer: starting.issuer,
    tokenLifetimeSeconds: 0,
    ...newKid,
    ...(withOverride && { override: withOverride }),
  });
}

function describe(verdict: Verdict, state: RotationState | undefined): string {
  const record = verdict.kind === 'done' ? undefined : verdict.record;
  const from = state ? phaseOf(state) : 'none';
  const move = record && phaseOf(record) !== from ? [`-> ${phaseOf(record)}`] : [];
  const publish = verdict.kind === 'proceed' && verdict.publish ? Object.entries(verdict.publish).flat() : [];
  const task = verdict.kind === 'waiting' ? [`for ${verdict.task}`] : [];
  const codes =
    verdict.kind === 'refused' || verdict.kind === 'waiting'
      ? [...new Set(verdict.faults.map(({ code }) => code.replace(/^ROTATION_/, '')))]
      : [];
  return [verdict.kind, ...task, ...publish, ...codes, ...move].join(' ');
}

/** Early: the latest moment of the state. Late: after every wait. */
function cases() {
  return phases.flatMap(([phase, state]) =>
    ROTATION_STEPS.flatMap((step) =>
      Object.entries(worlds).map(([world, evidence]) => {
        const earlyMs = ['finishing', 'finished', 'aborted'].includes(phase) ? at(26) : at(0.5);
        const early = judge(
          step,
          state,
          evidence,
          Math.max(earlyMs, state?.switchAllowedAtMs ?? 0, state?.backedOutAtMs ?? 0),
        );
        return { phase, state, step, world, early, late: judge(step, state, evidence, at(27)) };
      }),
    ),
  );
}

test('every step in every phase, whatever the evidence', () => {
  const steps = Map.groupBy(cases(), ({ phase, step }) => `${phase}: ${step}`);
  const actual = [...steps].map(([title, rows]) => `${[title, ...verdictsOf(rows)].join('\n')}\n`).join('\n');
  if (process.env['UPDATE_GOLDEN']) writeFileSync(GOLDEN, actual);
  assert.equal(actual, existsSync(GOLDEN) ? readFileSync(GOLDEN, 'utf8') : '');
});

/** One line per state of the world; the most common verdict is listed once, at the end. */
function verdictsOf(rows: ReturnType<typeof cases>): readonly string[] {
  const said = Map.groupBy(rows, ({ early, late, state }) => {
    const [before, after] = [describe(early, state), describe(late, state)];
    return before === after ? before : `${before}; later: ${after}`;
  });
  const [most] = [...said].toSorted(([, one], [, other]) => other.length - one.length);
  const line = (world: string, verdict: string) => `  ${world.padEnd(36)}${verdict}`;
  const each = [...said]
    .filter(([verdict]) => verdict !== most?.[0])
    .flatMap(([verdict, worlds]) => worlds.map(({ world }) => line(world, verdict)));
  return [...each, line(each.length === 0 ? 'whatever is seen' : 'all else', most?.[0] ?? '')];
}

test('missing evidence and a wrong clock stop every step and change nothing', () => {
  for (const { world, early, late } of cases()) {
    if (world !== 'one is down' && world !== 'a clock is wrong') continue;
    for (const verdict of [early, late]) {
      assert.deepEqual([verdict.kind, 'record' in verdict], ['refused', false]);
    }
  }
});

test('a clock that was set back stops every step', () => {
  for (const [name, state] of phases) {
    if (!state) continue;
    for (const step of ROTATION_STEPS) {
      const verdict = judge(step, state, seen(trusting), at(-1));
      assert.ok(verdict.kind === 'refused', name);
      assert.equal(verdict.faults[0]?.code, 'ROTATION_CLOCK_BACKWARDS');
    }
  }
});

test('--now skips a wait, and nothing else', () => {
  for (const { phase, state, step, world, early } of cases()) {
    if (!state) continue;
    const hurried = judge(step, state, worlds[world] ?? seen([]), at(26), {
      ...override,
      step,
      atMs: at(26),
    });
    const unhurried = judge(step, state, worlds[world] ?? seen([]), at(26));
    const isTooEarly = (verdict: Verdict) =>
      verdict.kind === 'refused' && verdict.faults.every(({ code }) => code === 'ROTATION_TOO_EARLY');
    assert.ok(!isTooEarly(hurried), `${phase} ${step} ${world}`);
    if (!isTooEarly(unhurried) && !isTooEarly(early)) {
      assert.equal(describe(hurried, state), describe(unhurried, state), `${phase} ${step} ${world}`);
    }
  }
});

test('a token lifetime is never shortened', () => {
  const long = { ...switched, tokenLifetimeSeconds: 200_000 };
  const verdict = judge('finish', long, seen(signing), at(27));
  assert.ok(verdict.kind === 'refused' && verdict.record);
  assert.equal(verdict.record.tokenLifetimeSeconds, 200_000);
});
