import { type MisspeltAnnotation, misspeltAnnotations } from '../../../../identity/annotations/names.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';

/**
 * Returns the misspelt annotations of an object.
 * @param meant only those that were probably meant to be this key
 */
export function misspeltRole(
  annotations: Readonly<Record<string, string>>,
  annotationPrefix: string,
  meant: string | undefined,
): readonly MisspeltAnnotation[] {
  const all = misspeltAnnotations(Object.keys(annotations), annotationPrefix);
  return meant === undefined ? all : all.filter((each) => each.meant === meant);
}

/** Returns the role that the judged pod has in an annotation, whose key may be misspelt too. */
export function roleOnPod(
  { cluster, settings }: ChainFacts,
  key: string,
): { readonly written: string; readonly value: string } | undefined {
  const annotations = valueIn(cluster.pod)?.annotations ?? {};
  const [misspelt] = misspeltRole(annotations, settings.annotationPrefix, key);
  const written = annotations[key] ? key : misspelt?.written;
  const value = written === undefined ? undefined : annotations[written];
  return written && value ? { written, value } : undefined;
}
