/** A file of the steps. */
export interface StepFile {
  /** Relative to the folder of the steps; its parts are safe names. */
  readonly path: string;
  readonly text: string;
}
