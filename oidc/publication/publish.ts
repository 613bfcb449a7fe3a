import { type Fault, faultCodeOf, PodroleError } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { keyCertificate } from '../keys/key-certificate.ts';
import type { KeySetEntry } from '../keys/key-set.ts';
import type { ServedKey } from '../keys/served-key.ts';
import type { KeySource } from '../sources/key-source.ts';
import { throwIfStopped } from '../targets/interruptible.ts';
import type { PublicationTarget } from '../targets/target.ts';
import { targetChanged } from '../targets/target-changed.ts';
import { nextDiscovery } from './next-discovery.ts';
import { type KeyState, nextKeySet } from './next-key-set.ts';
import { type PlannedWrite, plannedWrites } from './planned-writes.ts';
import { readPublication } from './read-publication.ts';
import { refuseIssuer } from './refuse-issuer.ts';

export interface PublicationRequest {
  readonly issuer: string;
  /** Accept an issuer with a port, which IAM refuses and Ceph radosgw accepts. */
  readonly allowPort?: boolean;
  readonly target: PublicationTarget;
  readonly source: KeySource;
  /** The API server, if it is not the source; asked before a key is dropped. */
  readonly stillServedBy?: KeySource;
  /** Drop the keys that the source has been without for a token lifetime. */
  readonly prune: boolean;
  /** Keys to drop whatever their age, with or without prune; for a rotation, which does its own waiting. */
  readonly dropKeyIds?: ReadonlySet<string>;
  readonly tokenLifetimeSeconds: number;
  /** Add certificates, for Ceph radosgw. */
  readonly x5c: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** The changes of a publication, before anything is written. */
export interface PublicationPlan {
  readonly request: PublicationRequest;
  /** Every published key and every key of the source. */
  readonly keys: readonly KeyState[];
  /** In the order of writing; empty if everything is published already. */
  readonly writes: readonly PlannedWrite[];
  /** The documents after all writes. */
  readonly published: PublishedDocuments;
}

export interface PublishedDocuments {
  readonly discovery: JsonObject;
  readonly jwks: { readonly keys: readonly JsonObject[] };
}

export interface PublicationResult {
  /** The plan that was carried out. It is not the given one if somebody else wrote in the meantime. */
  readonly plan: PublicationPlan;
  /** Paths that were written, in order. */
  readonly written: readonly string[];
}

/**
 * Writes of somebody else between reading and writing are rare. After this many, a second publisher works
 * against this one.
 */
const MAX_ATTEMPTS = 4;

/**
 * Reads the target and the source, and decides what to write; writes nothing.
 * @throws PodroleError `INVALID_ISSUER`, `ISSUER_CONFLICT`; what reading the source or the target and
 * nextKeySet throw
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
 * Carries out a plan, document by document. If it is interrupted at any point, the public documents still
 * verify every live token that they verified before. If somebody else wrote in the meantime, it plans again.
 * @param onWritten takes the number of documents that are written
 * @throws PodroleError `TARGET_UNWRITABLE`; `TARGET_CHANGED` if that happens again and again; what
 * planPublication throws
 */
export async function applyPublication(
  plan: PublicationPlan,
  onWritten: (documents: number) => void = () => {},
): Promise<PublicationResult> {
  const written: string[] = [];
  let current = plan;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeAll(current, written, onWritten);
      return { plan: current, written };
    } catch (thrown) {
      if (faultCodeOf(thrown) !== 'TARGET_CHANGED' || attempt === MAX_ATTEMPTS)
        throw partly(current, written, thrown);
      current = await planPublication(plan.request);
    }
  }
}

/** Adds what was written and what was not, if some of it was. */
function partly({ writes }: PublicationPlan, written: readonly string[], thrown: unknown): unknown {
  if (!(thrown instanceof PodroleError) || written.length === 0) return thrown;
  const left = writes.map(({ path }) => path).slice(written.length);
  const fault: Fault = {
    code: 'PARTLY_PUBLISHED',
    object: 'publication',
    problem: `${written.length} of ${writes.length} documents are written: ${written.join(', ')}. Not written: ${left.join(', ')}`,
    remedy: 'run the same command again: it does the rest, and all live tokens are valid until then',
  };
  return new PodroleError([...thrown.faults, fault], { cause: thrown });
}

async function writeAll(
  { writes, request }: PublicationPlan,
  written: string[],
  onWritten: (documents: number) => void,
): Promise<void> {
  const { target, signal } = request;
  const mine = new Map<string, string>();
  for (const { path, before, document } of writes) {
    throwIfStopped(signal, `${target.name} ${path}`);
    const earlier = mine.get(path);
    const revision = earlier === undefined ? before?.revision : await revisionOf(target, path, earlier);
    await target.replace(path, document, revision);
    mine.set(path, document.content);
    written.push(path);
    onWritten(written.length);
  }
}

/** Returns the revision of a document that this run has written. */
async function revisionOf(target: PublicationTarget, path: string, content: string): Promise<string> {
  const found = await target.read(path);
  if (found?.content !== content) throw targetChanged(`${target.name} ${path}`);
  return found.revision;
}

/**
 * Returns the kids that the API server serves. Those that the source lacks are in use, so no time is noted
 * for them and none is dropped. If a key is to be dropped, the API server must answer; otherwise it may be
 * unreachable.
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
