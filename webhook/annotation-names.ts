import { AWS_ANNOTATION, PODROLE_ANNOTATION } from '../lib/contract.ts';

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
  let best: string | undefined;
  let fewestEdits = MAX_EDITS + 1;
  for (const candidate of known) {
    // Nobody writes that one by hand.
    if (candidate === PODROLE_ANNOTATION.injected) continue;
    const edits = editDistance(key.toLowerCase(), candidate);
    if (edits < fewestEdits) [best, fewestEdits] = [candidate, edits];
  }
  return best;
}

/** Levenshtein distance; anything above MAX_EDITS may come out as MAX_EDITS + 1. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? MAX_EDITS + 1;
}
