export interface InlinePolicy {
  readonly name: string;
  /** The policy as JSON value. */
  readonly document: unknown;
}
