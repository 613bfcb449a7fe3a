/** What identity needs of a ServiceAccount, and all that is kept of it. */
export interface ServiceAccountFacts {
  readonly namespace: string;
  readonly name: string;
  /** Only the annotations that can matter: ours, and those that look like a misspelling of one of ours. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Opaque version of the object in the API server; absent where it comes from a file. */
  readonly resourceVersion?: string;
}

/** Where ServiceAccounts come from: the API server, a YAML file, or memory. */
export interface ServiceAccountSource {
  /**
   * The ServiceAccount, or undefined where it is certain that there is none.
   * @throws PodroleError where that can't be told, so that "unknown" is never taken for "has no role"
   */
  find(namespace: string, name: string): Promise<ServiceAccountFacts | undefined>;
}

/**
 * What is kept of a raw ServiceAccount: from a watch, a list, a GET or a YAML file.
 * @param defaultNamespace where the object names none, as in a file
 * @returns undefined where it has no name
 */
export function keepFacts(
  _serviceAccount: unknown,
  _annotationPrefix: string,
  _defaultNamespace = 'default',
): ServiceAccountFacts | undefined {
  return undefined;
}
