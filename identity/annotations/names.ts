import { AWS_ANNOTATION, type AwsAnnotation, annotationKey } from '../../lib/contract/aws-webhook.ts';
import { KUBE2IAM_POD_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';

/** With more edits than these it is another word: `eks.amazon.com` is three from `eks.amazonaws.com`. */
const MAX_EDITS = 3;

/** Limits for one object: a tenant may write 80,000 keys, and each could be compared with all of ours. */
export const MISSPELT_LIMITS = { keysLookedAt: 1_000, found: 10 } as const;

/** Verdicts are remembered by key: a cluster has few different annotation keys, but on very many objects. */
const MAX_REMEMBERED = 1_000;

export interface MisspeltAnnotation {
  /** The key as written in the object. */
  readonly written: string;
  /** The key that was probably meant. */
  readonly meant: string;
}

interface Vocabulary {
  /** Every annotation of ours. */
  readonly known: ReadonlySet<string>;
  /** Annotations that people write by hand. */
  readonly written: readonly string[];
  /** The same, then the same names after the other one of our two prefixes. */
  readonly candidates: readonly string[];
  /** Annotations with the right prefix, by those with the other one. */
  readonly swapped: ReadonlyMap<string, string>;
  /** Lengths of the keys that can be a misspelling of a known one. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly verdicts: Map<string, string | undefined>;
}

const ANNOTATIONS = Object.keys(AWS_ANNOTATION) as readonly AwsAnnotation[];

const vocabularies = new Map<string, Vocabulary>();

/**
 * Returns the annotation that was probably meant; undefined if the key is known, or resembles no known one.
 */
export function misspeltAnnotation(key: string, annotationPrefix: string): string | undefined {
  return verdictOn(key, vocabularyOf(annotationPrefix));
}

/**
 * Returns the misspelt annotations among the keys of one object, in their order. Looks at the first
 * `MISSPELT_LIMITS.keysLookedAt` keys only, and stops after `MISSPELT_LIMITS.found` misspellings. So its cost
 * is bounded for any object, and misspellings beyond that go unnoticed.
 * @param podRoleAnnotation annotation by which a pod names its role, if it is a pod's and pods can name one
 */
export function misspeltAnnotations(
  keys: Iterable<string>,
  annotationPrefix: string,
  podRoleAnnotation?: string,
): readonly MisspeltAnnotation[] {
  const vocabulary = vocabularyOf(annotationPrefix, podRoleAnnotation);
  const found: MisspeltAnnotation[] = [];
  let lookedAt = 0;
  for (const written of keys) {
    if (lookedAt === MISSPELT_LIMITS.keysLookedAt || found.length === MISSPELT_LIMITS.found) break;
    lookedAt += 1;
    const meant = verdictOn(written, vocabulary);
    if (meant !== undefined) found.push({ written, meant });
  }
  return found;
}

function verdictOn(
  key: string,
  { known, candidates, swapped, minLength, maxLength, verdicts }: Vocabulary,
): string | undefined {
  if (key.length < minLength || key.length > maxLength || known.has(key)) return undefined;
  if (verdicts.has(key)) return verdicts.get(key);
  if (verdicts.size >= MAX_REMEMBERED) verdicts.clear();
  const nearest = nearestName(key, candidates, MAX_EDITS);
  const meant = nearest && (swapped.get(nearest) ?? nearest);
  verdicts.set(key, meant);
  return meant;
}

/** Returns the annotations of kube2iam and kiam that count on a pod if pods can name a role. */
export function annotationsOfPodRole(podRoleAnnotation: string): readonly string[] {
  return [podRoleAnnotation, ...Object.values(KUBE2IAM_POD_ANNOTATION)];
}

/** `podrole.dev/role-arn` for `eks.amazonaws.com/role-arn`, and the other way round. */
function withOtherPrefix(key: string, annotationPrefix: string): string {
  const [prefix, name] = key.split('/', 2);
  return `${prefix === annotationPrefix ? 'podrole.dev' : annotationPrefix}/${name}`;
}

/** Returns the keys of all annotations that people write by hand, so without `podrole.dev/injected`. */
export function knownAnnotations(annotationPrefix: string): readonly string[] {
  return vocabularyOf(annotationPrefix).written;
}

function vocabularyOf(annotationPrefix: string, podRoleAnnotation?: string): Vocabulary {
  // Neither key contains a space.
  const name = `${annotationPrefix} ${podRoleAnnotation ?? ''}`;
  const remembered = vocabularies.get(name);
  if (remembered) return remembered;
  const shared = ANNOTATIONS.map((name) => annotationKey(annotationPrefix, name));
  const own = [...shared, ...Object.values(PODROLE_ANNOTATION)];
  // Only podrole writes this one.
  const written = own.filter((candidate) => candidate !== PODROLE_ANNOTATION.injected);
  const ofPods = podRoleAnnotation === undefined ? [] : annotationsOfPodRole(podRoleAnnotation);
  const swapped = new Map(written.map((key) => [withOtherPrefix(key, annotationPrefix), key]));
  // A short key without a prefix resembles too many others.
  const candidates = [...written, ...swapped.keys(), ...ofPods.filter((key) => key.includes('/'))];
  const lengths = candidates.map(({ length }) => length);
  const vocabulary: Vocabulary = {
    known: new Set([...own, ...ofPods]),
    written,
    candidates,
    swapped,
    minLength: Math.min(...lengths) - MAX_EDITS,
    maxLength: Math.max(...lengths) + MAX_EDITS,
    verdicts: new Map(),
  };
  vocabularies.set(name, vocabulary);
  return vocabulary;
}
