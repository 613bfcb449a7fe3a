/** Signal of work that is finished once it was begun, also after the run was interrupted. */
export const NEVER_ABORTED: AbortSignal = new AbortController().signal;
