import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderForPrograms } from '../../../lib/for-programs.ts';
import { whatBreaks } from '../decide/what-breaks.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Override, RotationState, RotationStep } from '../state/state.ts';
import { takeStep } from '../steps/take-step.ts';
import { renderText, reportForPrograms } from './render.ts';
import { reportStatus, reportStep } from './report.ts';

/**
 * Output of a rotation from its start to its end, and of two that do not go as planned. To rewrite it, then
 * review the difference:
 *
 *     UPDATE_GOLDEN=1 node --test oidc/rotate/report/report.test.ts
 */
const OLD = 'TnpYg0o3sHk0yA1S5C3-old-key';
const NEW = 'q4Wm2Zc8Vb-1rF7dXeK0-new-key';
const began = Date.UTC(2026, 0, 1, 9);
const HOUR_MS = 3_600_000;

/** Two API servers and a publication that a story changes. It takes steps and collects their output. */
class Story {
  nowMs = began;
  state: RotationState | undefined;
  published = [OLD];
  verifiesWith = [OLD];
  signsWith = [OLD, OLD];
  readonly said: string[] = [];

  evidence(): Evidence {
    const apiServers = this.signsWith.map((signsWith, at) => ({
      name: `https://10.0.0.${at + 1}:6443`,
      verifiesWith: this.verifiesWith,
      signsWith,
      clockAheadMs: 0,
    }));
    return { apiServers, publishedKids: this.published, publicKids: this.published, faults: [], notes: [] };
  }

  async take(step: RotationStep, reason?: string): Promise<void> {
    const override: Override | undefined =
      reason === undefined
        ? undefined
        : { step, atMs: this.nowMs, by: 'kubernetes-admin, locally ada', reason };
    this.said.push(
      `$ podrole keys rotate ${step}${reason === undefined ? '' : ` --now --reason '${reason}'`}\n`,
    );
    if (override && this.state)
      this.said.push(...whatBreaks(step, this.state, this.nowMs).map((line) => `--now: ${line}\n`));
    const { state } = this;
    const request = { state, issuer: 'https://oidc.example.com', newKid: NEW, tokenLifetimeSeconds: 86_400 };
    const outcome = await takeStep(
      step,
      { ...request, ...(override && { override }) },
      {
        collect: async () => this.evidence(),
        nowMs: () => this.nowMs,
        record: async (recorded) => {
          this.state = recorded;
        },
        publish: async (change) => {
          const kept = this.published.filter((kid) => kid !== OLD && kid !== NEW);
          this.published = 'add' in change ? [OLD, NEW] : [...kept, change.drop === OLD ? NEW : OLD];
        },
      },
    );
    const report = reportStep(step, outcome);
    this.said.push(renderText(report));
    for (const { code, object, problem } of report.faults) this.said.push(`${code}: ${object}: ${problem}\n`);
    this.said.push('\n');
  }

  status(): void {
    const report = reportStatus(this.state, this.evidence(), this.nowMs);
    this.said.push('$ podrole keys rotate status\n', renderText(report), '\n');
  }
}

function golden(name: string, actual: string): void {
  const file = `${import.meta.dirname}/testdata/${name}`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, actual);
  assert.equal(actual, existsSync(file) ? readFileSync(file, 'utf8') : '');
}

test('a rotation as planned', async () => {
  const story = new Story();
  story.status();
  await story.take('start');
  await story.take('trust');
  story.verifiesWith = [OLD, NEW];
  await story.take('trust');
  story.status();
  await story.take('switch');
  story.nowMs += HOUR_MS;
  await story.take('switch');
  story.signsWith = [NEW, OLD];
  story.status();
  story.signsWith = [NEW, NEW];
  await story.take('switch');
  story.nowMs += 25 * HOUR_MS;
  await story.take('finish');
  story.verifiesWith = [NEW];
  await story.take('finish');
  golden('rotation.txt', story.said.join(''));
  const report = reportStatus(story.state, story.evidence(), story.nowMs);
  golden('status.json', renderForPrograms(reportForPrograms(report), 'json'));
});

test('a rotation in a hurry, and one that is given up', async () => {
  const story = new Story();
  await story.take('start');
  story.verifiesWith = [OLD, NEW];
  await story.take('trust');
  story.signsWith = [NEW, OLD];
  await story.take('switch');
  await story.take('switch', 'the old key was stolen');
  story.signsWith = [NEW, NEW];
  await story.take('switch');
  await story.take('finish', 'the old key was stolen');
  await story.take('abort');
  golden('rotation-in-a-hurry.txt', story.said.join(''));

  const givenUp = new Story();
  await givenUp.take('start');
  givenUp.signsWith = [NEW, OLD];
  givenUp.status();
  await givenUp.take('abort');
  givenUp.signsWith = [OLD, OLD];
  await givenUp.take('abort');
  givenUp.nowMs += 25 * HOUR_MS;
  await givenUp.take('abort');
  golden('rotation-given-up.txt', givenUp.said.join(''));
});
