import { faultCodeOf } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { keyCertificate } from '../keys/key-certificate.ts';
import type { KeySetEntry } from '../keys/key-set.ts';
import type { ServedKey } from '../keys/served-key.ts';
import type { KeySource } from '../sources/key-source.ts';
import type { PublicationTarget } from '../targets/target.ts';
import { targetChanged } from '../targets/target-changed.ts';
import { nextDiscovery } from './next-discovery.ts';
import { type KeyState, nextKeySet } from './next-key-set.ts';
import { type PlannedWrite, plannedWrites } from './planned-writes.ts';
import { readPublication } from './read-publication.ts';
import { refuseIssuer } from './refuse-issuer.ts';

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
  refuseIssuer(request.issuer, request.allowPort ?? false);
  const { issuer, source, target, signal } = request;
  const served = await source.read(signal);
  const publication = await readPublication(target, issuer);
  const next = nextKeySet({
    published: publication.jwks.value,
    served,
    unservedSince: publication.notes.value,
    prune: request.prune,
    dropKeyIds: request.dropKeyIds ?? new Set(),
    stillServed: await stillServed(request, served, publication.jwks.value),
    tokenLifetimeSeconds: request.tokenLifetimeSeconds,
    now: request.now(),
    certificateOf: request.x5c ? keyCertificate : undefined,
  });
  const discovery = nextDiscovery(issuer, publication.jwksUri, next.states, publication.discovery.value);
  return {
    request,
    keys: next.states,
    published: { discovery, jwks: { keys: next.keys } },
    writes: plannedWrites(publication, next, discovery),
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
      if (faultCodeOf(thrown) !== 'TARGET_CHANGED' || attempt === MAX_ATTEMPTS) throw thrown;
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
  if (found?.content !== content) throw targetChanged(`${target.name} ${path}`);
  return found.revision;
}

/**
 * What the API server has of the keys that the source lacks: they are in use, so that no time is noted for them and none is dropped. It
 * must answer before a key is dropped; before that, one that can't be asked knows nothing.
 */
async function stillServed(
  { stillServedBy, prune, dropKeyIds, source, signal }: PublicationRequest,
  served: readonly ServedKey[],
  published: readonly KeySetEntry[],
): Promise<ReadonlySet<string>> {
  const servedIds = new Set(served.map(({ kid }) => kid));
  const isAllServed = published.every(({ kid }) => kid === undefined || servedIds.has(kid));
  if (stillServedBy === undefined || stillServedBy === source || isAllServed) return new Set();
  try {
    return new Set((await stillServedBy.read(signal)).map(({ kid }) => kid));
  } catch (thrown) {
    if (prune || (dropKeyIds?.size ?? 0) > 0) throw thrown;
    return new Set();
  }
}
