import { AWS_ANNOTATION, PODROLE_ANNOTATION } from '../lib/contract.ts';
import { nearestName } from '../lib/nearest-name.ts';

const PODROLE_DOMAIN = `${PODROLE_ANNOTATION.containerRoles.split('/', 1)[0]}/`;

/** More edits than these make another word: `eks.amazon.com` is three from `eks.amazonaws.com`. */
const MAX_EDITS = 3;

/** Verdicts are remembered by key: a cluster has few different annotation keys, on very many objects. */
const MAX_REMEMBERED = 1_000;
const rememberedByPrefix = new Map<string, Map<string, string | undefined>>();

/** Whether an annotation is one of ours or looks like a misspelling of one. */
export function concernsIdentity(key: string, annotationPrefix: string): boolean {
  if (key.startsWith(PODROLE_DOMAIN)) return true;
  if (key.startsWith(annotationPrefix) && key[annotationPrefix.length] === '/') return true;
  return misspeltAnnotation(key, annotationPrefix) !== undefined;
}

/** The annotation that a key was probably meant to be; undefined where it is one already, or resembles none. */
export function misspeltAnnotation(key: string, annotationPrefix: string): string | undefined {
  let remembered = rememberedByPrefix.get(annotationPrefix);
  if (!remembered) {
    remembered = new Map();
    rememberedByPrefix.set(annotationPrefix, remembered);
  }
  if (remembered.has(key)) return remembered.get(key);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const meant = nearest(key, knownAnnotations(annotationPrefix));
  remembered.set(key, meant);
  return meant;
}

function knownAnnotations(annotationPrefix: string): string[] {
  const shared = Object.values(AWS_ANNOTATION).map((name) => `${annotationPrefix}/${name}`);
  return [...shared, ...Object.values(PODROLE_ANNOTATION)];
}

function nearest(key: string, known: readonly string[]): string | undefined {
  if (known.includes(key)) return undefined;
  // Nobody writes that one by hand.
  const written = known.filter((candidate) => candidate !== PODROLE_ANNOTATION.injected);
  return nearestName(key, written, MAX_EDITS);
}
