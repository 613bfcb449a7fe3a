import { isDeepStrictEqual } from 'node:util';
import { DISCOVERY_PATH, JWKS_PATH, PUBLICATION_NOTES_PATH } from '../lib/contract.ts';
import { codeOf, PodroleError } from '../lib/errors.ts';
import { belowIssuer, iamIssuerProblem, issuerProblem } from '../lib/issuer.ts';
import { asText, type JsonObject } from '../lib/json.ts';
import { NOTES_CACHE_CONTROL, PUBLIC_CACHE_CONTROL } from './cache-headers.ts';
import { keyCertificate } from './key-certificate.ts';
import { parseKeySetText } from './key-set.ts';
import { nextDiscovery, parseDiscovery } from './next-discovery.ts';
import { parseNotes, renderNotes } from './publication-notes.ts';
import { type KeyState, nextKeySet } from './published-set.ts';
import type { KeySource } from './sources/key-source.ts';
import type { DocumentToStore, PublicationTarget, StoredDocument } from './targets/target.ts';
import { targetChanged } from './targets/target-changed.ts';

export interface PublicationRequest {
  readonly issuer: string;
  /** Take an issuer that IAM would refuse for its port; Ceph radosgw takes one. */
  readonly allowPort?: boolean;
  readonly target: PublicationTarget;
  readonly source: KeySource;
  /** Asked before a key is dropped, where it is another than the source: the API server. */
  readonly stillServedBy?: KeySource;
  /** Drop the keys that the source has been without for a token lifetime. */
  readonly prune: boolean;
  /** Dropped whatever their age, with or without prune; for a rotation, which has waited itself. */
  readonly dropKeyIds?: ReadonlySet<string>;
  readonly tokenLifetimeSeconds: number;
  /** Add certificates, for Ceph radosgw. */
  readonly x5c: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** One document that is to change. */
export interface PlannedWrite {
  /** Below the root of the site. */
  readonly path: string;
  /** As it is; undefined where there is none. */
  readonly before: StoredDocument | undefined;
  readonly document: DocumentToStore;
}

/** What a publication would do: nothing has been written yet. */
export interface PublicationPlan {
  readonly request: PublicationRequest;
  /** Every key, of the published ones and of the source. */
  readonly keys: readonly KeyState[];
  /** In the order in which they are written; empty where everything is published already. */
  readonly writes: readonly PlannedWrite[];
  /** What is published in the end. */
  readonly published: PublishedDocuments;
}

export interface PublishedDocuments {
  readonly discovery: JsonObject;
  readonly jwks: { readonly keys: readonly JsonObject[] };
}

export interface PublicationResult {
  /** The plan that was carried out: another one than was given where somebody else wrote meanwhile. */
  readonly plan: PublicationPlan;
  /** Paths that were written, in order. */
  readonly written: readonly string[];
}

/** Somebody else's write between reading and writing is seldom; so many in a row are a second publisher at war with this one. */
const MAX_ATTEMPTS = 4;

/**
 * Reads what is published and what the source has, and decides; writes nothing.
 * @throws PodroleError `INVALID_ISSUER`; what reading the source or the target throws; what nextKeySet refuses; `ISSUER_CONFLICT`
 */
export async function planPublication(request: PublicationRequest): Promise<PublicationPlan> {
  refuseIssuer(request);
  const { issuer, source, target, signal } = request;
  const served = await source.read(signal);
  const paths = pathsOf(issuer);
  const storedDiscovery = await target.read(paths.discovery);
  const oldDiscovery =
    storedDiscovery && parseDiscovery(storedDiscovery.content, issuer, nameIn(target, paths.discovery));
  const jwksUri = asText(oldDiscovery?.['jwks_uri']) ?? belowIssuer(issuer, JWKS_PATH);
  const jwksPath = new URL(jwksUri).pathname;
  const storedJwks = await target.read(jwksPath);
  const storedNotes = await target.read(paths.notes);
  const published = storedJwks ? parseKeySetText(storedJwks.content, nameIn(target, jwksPath)) : [];
  const notes = parseNotes(storedNotes?.content, nameIn(target, paths.notes));
  const next = nextKeySet({
    published,
    served,
    unservedSince: notes,
    prune: request.prune,
    dropKeyIds: request.dropKeyIds ?? new Set(),
    stillServed: await stillServed(request),
    tokenLifetimeSeconds: request.tokenLifetimeSeconds,
    now: request.now(),
    certificateOf: request.x5c ? keyCertificate : undefined,
  });
  const jwks = { keys: next.keys };
  const discovery = nextDiscovery(issuer, jwksUri, next.states, oldDiscovery);
  const pruned = new Set(next.states.filter(({ state }) => state === 'pruned').map(({ kid }) => kid));
  const notesBefore = new Map([...next.unservedSince].filter(([kid]) => !pruned.has(kid) || notes.has(kid)));
  const notesAfter = new Map([...notesBefore].filter(([kid]) => !pruned.has(kid)));
  const isSameSet = sameKeys(
    published.map(({ json }) => json),
    next.keys,
  );
  const noteWrite = (before: StoredDocument | undefined, content: string) =>
    content === (before?.content ?? renderNotes(new Map()))
      ? []
      : [write(paths.notes, before, content, 'application/json', NOTES_CACHE_CONTROL)];
  // A time is noted before a key goes and forgotten after it: interrupted in between, a key that comes back finds no old time.
  const firstNotes = noteWrite(storedNotes, renderNotes(notesBefore));
  const [firstNote] = firstNotes;
  const lastNotes = noteWrite(
    firstNote ? { content: firstNote.document.content, revision: '' } : storedNotes,
    renderNotes(notesAfter),
  );
  return {
    request,
    keys: next.states,
    published: { discovery, jwks },
    writes: [
      ...firstNotes,
      ...(isSameSet && storedJwks
        ? []
        : [write(jwksPath, storedJwks, render(jwks), 'application/jwk-set+json', PUBLIC_CACHE_CONTROL)]),
      ...(isDeepStrictEqual(discovery, oldDiscovery)
        ? []
        : [
            write(
              paths.discovery,
              storedDiscovery,
              render(discovery),
              'application/json',
              PUBLIC_CACHE_CONTROL,
            ),
          ]),
      ...lastNotes,
    ],
  };
}

/**
 * Carries a plan out, document by document: interrupted at any point, what is public verifies every token that it verified before and
 * that may still live. Where somebody else wrote meanwhile it plans again.
 * @throws PodroleError `TARGET_UNWRITABLE`; `TARGET_CHANGED` where that happens again and again; what planPublication throws
 */
export async function applyPublication(plan: PublicationPlan): Promise<PublicationResult> {
  const written: string[] = [];
  let current = plan;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeAll(current, written);
      return { plan: current, written };
    } catch (thrown) {
      if (codeOf(thrown) !== 'TARGET_CHANGED' || attempt === MAX_ATTEMPTS) throw thrown;
      current = await planPublication(plan.request);
    }
  }
}

async function writeAll({ writes, request }: PublicationPlan, written: string[]): Promise<void> {
  const { target, signal } = request;
  const mine = new Map<string, string>();
  for (const { path, before, document } of writes) {
    signal.throwIfAborted();
    const earlier = mine.get(path);
    const revision = earlier === undefined ? before?.revision : await revisionOf(target, path, earlier);
    await target.replace(path, document, revision);
    mine.set(path, document.content);
    written.push(path);
  }
}

/** Of a document that this run itself has written. */
async function revisionOf(target: PublicationTarget, path: string, content: string): Promise<string> {
  const found = await target.read(path);
  if (found?.content !== content) throw targetChanged(nameIn(target, path));
  return found.revision;
}

async function stillServed({ stillServedBy, prune, dropKeyIds, source, signal }: PublicationRequest) {
  const isAsked = stillServedBy && stillServedBy !== source && (prune || (dropKeyIds?.size ?? 0) > 0);
  return new Set(isAsked ? (await stillServedBy.read(signal)).map(({ kid }) => kid) : []);
}

/** Paths of the documents whose place the issuer alone decides. */
function pathsOf(issuer: string): { readonly discovery: string; readonly notes: string } {
  const pathOf = (path: string) => new URL(belowIssuer(issuer, path)).pathname;
  return { discovery: pathOf(DISCOVERY_PATH), notes: pathOf(PUBLICATION_NOTES_PATH) };
}

function refuseIssuer({ issuer, allowPort }: PublicationRequest): void {
  const problem = allowPort ? issuerProblem(issuer) : iamIssuerProblem(issuer);
  if (!problem) return;
  throw new PodroleError({
    code: 'INVALID_ISSUER',
    object: `issuer ${issuer}`,
    problem,
    remedy: 'give the API servers a --service-account-issuer that IAM takes, and the same one here',
  });
}

/** The same keys, in whatever order. */
function sameKeys(one: readonly JsonObject[], other: readonly JsonObject[]): boolean {
  const sorted = (keys: readonly JsonObject[]) =>
    keys.toSorted((a, b) => (String(a['kid']) < String(b['kid']) ? -1 : 1));
  return isDeepStrictEqual(sorted(one), sorted(other));
}

function write(
  path: string,
  before: StoredDocument | undefined,
  content: string,
  contentType: string,
  cacheControl: string,
): PlannedWrite {
  return { path, before, document: { content, contentType, cacheControl } };
}

function render(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function nameIn({ name }: PublicationTarget, path: string): string {
  return `${name} ${path}`;
}
