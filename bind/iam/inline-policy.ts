export interface InlinePolicy {
  readonly name: string;
  /** JSON value. */
  readonly document: unknown;
}
