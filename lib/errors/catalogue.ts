/** Explanation of one error code, for the page that users find when they search for the code. */
interface ErrorText {
  /** One or two sentences on what happened. */
  readonly happened: string;
  /** What the user does about it. */
  readonly remedy: string;
}

/** Error codes of one topic. Only docs/errors.md is made from the texts: the programs import the types alone. */
export type ErrorCatalogue = Readonly<Record<string, ErrorText>>;
