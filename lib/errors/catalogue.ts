/** Explanation of one error code, for the page that users find when they search for the code. */
interface ErrorText {
  /** One or two sentences on what happened. */
  readonly happened: string;
  /** Imperative: advice to the user. */
  readonly remedy: string;
}

/** Error codes of one topic. The texts are for docs/errors.md alone: the programs import only the types. */
export type ErrorCatalogue = Readonly<Record<string, ErrorText>>;
