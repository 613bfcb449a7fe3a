/** Time limit of one read or write by a command that a person waits for. */
export const CLUSTER_TIMEOUT_MS = 10_000;
