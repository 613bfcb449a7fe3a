import { asObject, asText } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { keepAnnotations } from './annotations/service-account-annotations.ts';

/** Everything that is kept of a ServiceAccount, which is what an identity depends on. */
export interface ServiceAccountFacts {
  readonly namespace: string;
  readonly name: string;
  /** Only annotations that can matter: the known ones, and some that look like a misspelling of one. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Opaque version of the object in the API server; absent if it comes from a file. */
  readonly resourceVersion?: string;
}

/** A source of ServiceAccounts: the API server, a YAML file, or memory. */
export interface ServiceAccountSource {
  /**
   * Returns the ServiceAccount, or undefined if it is certain that it does not exist.
   * @throws PodroleError if that is unknown: "unknown" must never be taken for "has no role"
   */
  find(namespace: string, name: string): Promise<ServiceAccountFacts | undefined>;
}

/** Shared by every ServiceAccount without annotations that matter, which is most of them. */
const NO_ANNOTATIONS: Readonly<Record<string, string>> = Object.freeze({});

const FACTS_BYTES = 256;
const ANNOTATION_BYTES = 64;

/**
 * Returns the facts of a raw ServiceAccount: from a watch, a list, a GET or a YAML file.
 * @param defaultNamespace for an object without a namespace, as in a file
 * @returns undefined if it has no name
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

/** Estimates the bytes that facts take: V8's objects, maps and string headers, and the characters. */
export function weighFacts({ namespace, name, annotations, resourceVersion }: ServiceAccountFacts): number {
  let bytes = FACTS_BYTES + namespace.length + name.length + (resourceVersion?.length ?? 0);
  for (const key in annotations) bytes += ANNOTATION_BYTES + key.length + (annotations[key]?.length ?? 0);
  return bytes;
}
