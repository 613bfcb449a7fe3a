/**
 * End of a command that did not fail. `changes`: there is something to change or to repair; every command but
 * `doctor` says so only with `--exit-code`. `incomplete`: something that was asked for is not done, and the
 * output says what.
 */
export type Outcome = 'done' | 'changes' | 'incomplete';

/** End of a command that podrole ran for the user. */
export interface CommandEnd {
  readonly exitCode: number;
}

export function doneIf(isDone: boolean): Outcome {
  return isDone ? 'done' : 'incomplete';
}
