import { asObject, asText } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { keepAnnotations } from './service-account-annotations.ts';

/** What identity needs of a ServiceAccount, and all that is kept of it. */
export interface ServiceAccountFacts {
  readonly namespace: string;
  readonly name: string;
  /** Only the annotations that can matter: those that count, and some that look like a misspelling of one. */
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

/** Shared by every ServiceAccount without annotations of ours, which is most of them. */
const NO_ANNOTATIONS: Readonly<Record<string, string>> = Object.freeze({});

const FACTS_BYTES = 256;
const ANNOTATION_BYTES = 64;

/**
 * What is kept of a raw ServiceAccount: from a watch, a list, a GET or a YAML file.
 * @param defaultNamespace where the object names none, as in a file
 * @returns undefined where it has no name
 */
export function toServiceAccountFacts(
  serviceAccount: unknown,
  annotationPrefix: string,
  defaultNamespace = 'default',
): ServiceAccountFacts | undefined {
  const metadata = metadataOf(serviceAccount);
  const name = asText(metadata?.['name']);
  if (!metadata || !name) return undefined;
  const namespace = asText(metadata['namespace']) || defaultNamespace;
  const given = asObject(metadata['annotations']);
  const annotations = (given && keepAnnotations(given, annotationPrefix)) ?? NO_ANNOTATIONS;
  const resourceVersion = asText(metadata['resourceVersion']);
  return resourceVersion === undefined
    ? { namespace, name, annotations }
    : { namespace, name, annotations, resourceVersion };
}

/** Bytes that facts take, roughly: those of V8's objects, maps and headers of strings, and the characters. */
export function weighFacts({ namespace, name, annotations, resourceVersion }: ServiceAccountFacts): number {
  let bytes = FACTS_BYTES + namespace.length + name.length + (resourceVersion?.length ?? 0);
  for (const key in annotations) bytes += ANNOTATION_BYTES + key.length + (annotations[key]?.length ?? 0);
  return bytes;
}
