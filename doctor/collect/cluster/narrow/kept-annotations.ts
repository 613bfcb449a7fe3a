import { misspeltAnnotations } from '../../../../identity/annotations/names.ts';
import { textsOf } from '../../../../kubernetes/label-selector.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../../../../lib/contract/aws-webhook.ts';

/** Settings that decide which annotations matter. */
export interface KnownAnnotations {
  readonly annotationPrefix: string;
  /** Annotation of pods that names their role. */
  readonly podRoleAnnotation?: string | undefined;
}

/** Prefixes of the annotations of podrole, the AWS webhook, kube2iam and kiam. */
const PREFIXES = ['podrole.dev/', `${DEFAULT_ANNOTATION_PREFIX}/`, 'iam.amazonaws.com/'];
/** A tenant may write thousands. */
const MAX_KEPT = 50;
/** The longest list of container roles is as long. */
const VALUE_MAX_LENGTH = 65_536;

/**
 * Returns the annotations that a webhook for roles knows, and those that look like a misspelling of one.
 * @param annotations `metadata.annotations`, unchecked
 */
export function keptAnnotations(
  annotations: unknown,
  { annotationPrefix, podRoleAnnotation }: KnownAnnotations,
): Readonly<Record<string, string>> {
  const given = textsOf(annotations);
  const keys = Object.keys(given);
  const prefixes = [`${annotationPrefix}/`, ...PREFIXES];
  const known = keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  const ofPods = keys.filter((key) => key === podRoleAnnotation);
  const misspelt = misspeltAnnotations(keys, annotationPrefix).map(({ written }) => written);
  const kept = [...new Set([...ofPods, ...misspelt, ...known])].slice(0, MAX_KEPT);
  return Object.fromEntries(kept.map((key) => [key, (given[key] ?? '').slice(0, VALUE_MAX_LENGTH + 1)]));
}
