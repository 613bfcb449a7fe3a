import { PodroleError } from '../lib/errors.ts';
import type { Step } from './report.ts';

/** Runs steps one after another, and keeps what each of them took. */
export interface StepRecorder {
  readonly steps: readonly Step[];
  /** Adds a step that was done elsewhere. */
  readonly add: (step: Step) => void;
  /**
   * @param describe returns the detail of the result
   * @throws what the action throws, after it recorded the step as failed
   */
  run<T>(name: string, action: () => Promise<T>, describe: (result: T) => string): Promise<T>;
}

export function createStepRecorder(monotonicMs: () => number): StepRecorder {
  const steps: Step[] = [];
  return {
    steps,
    add: (step) => steps.push(step),
    run: async (name, action, describe) => {
      const began = monotonicMs();
      const ms = () => Math.round(monotonicMs() - began);
      try {
        const result = await action();
        steps.push({ name, state: 'ok', ms: ms(), detail: describe(result) });
        return result;
      } catch (thrown) {
        const code = thrown instanceof PodroleError ? thrown.code : 'UNEXPECTED';
        steps.push({ name, state: 'failed', ms: ms(), detail: code });
        throw thrown;
      }
    },
  };
}
