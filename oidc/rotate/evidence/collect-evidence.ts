import { type Fault, messageOf, PodroleError } from '../../../lib/errors.ts';
import { readPublishedKeys } from '../../publication/read-publication.ts';
import { apiServerKeys } from '../../sources/api-server-keys.ts';
import type { PublicationTarget } from '../../targets/target.ts';
import { type IssuerEndpoint, IssuerFetchError } from '../../verify/fetch-answer.ts';
import { fetchIssuerKeys } from '../../verify/issuer-documents.ts';
import type { ApiServer, ApiServers } from './api-servers.ts';
import type { ApiServerEvidence, Evidence } from './evidence.ts';
import { probeSigner } from './probe-signer.ts';

export interface EvidenceSources {
  readonly apiServers: Pick<ApiServers, 'servers' | 'notes'>;
  readonly target: PublicationTarget;
  readonly endpoint: IssuerEndpoint;
  /** `namespace/name` of the ServiceAccount whose tokens are requested to see their kid. */
  readonly serviceAccount: string;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Takes the number of API servers that were asked. Left out: nobody reads it. */
  readonly onAsked?: (servers: number) => void;
}

/**
 * Collects the evidence that a step is judged by. Each thing that cannot be read is a fault in it, so that
 * all are reported.
 */
export async function collectEvidence(sources: EvidenceSources): Promise<Evidence> {
  const { apiServers, target, endpoint, onAsked } = sources;
  let asked = 0;
  const settleServer = async (server: ApiServer) => {
    const settled = await settle(() => lookAt(server, sources));
    asked += 1;
    onAsked?.(asked);
    return settled;
  };
  const [published, visible, ...servers] = await Promise.all([
    settle(() => readPublishedKids(target, endpoint.issuer)),
    readPublicKids(endpoint),
    ...apiServers.servers.map(settleServer),
  ]);
  return {
    apiServers: servers.flatMap(({ value }) => value ?? []),
    publishedKids: published.value ?? [],
    publicKids: visible.kids,
    faults: [...servers.flatMap(({ faults }) => faults), ...published.faults, ...visible.faults],
    notes: [...apiServers.notes, ...visible.notes],
  };
}

async function lookAt(
  { name, client }: ApiServer,
  { serviceAccount, nowMs, signal }: EvidenceSources,
): Promise<ApiServerEvidence> {
  try {
    const keys = await apiServerKeys(client).read(signal);
    const askedAtMs = nowMs();
    const { kid, mintedAtMs } = await probeSigner(client, serviceAccount, signal);
    return {
      name,
      verifiesWith: keys.map((key) => key.kid),
      signsWith: kid,
      clockAheadMs: mintedAtMs - askedAtMs,
    };
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    const faults = thrown.faults.map((fault) => ({ ...fault, object: nameIn(fault.object, name) }));
    throw new PodroleError(faults, { cause: thrown });
  }
}

function nameIn(object: string, server: string): string {
  return object.includes(server) ? object : `API server ${server}, ${object}`;
}

/** Kids of the key set that the target's discovery document names; empty if nothing is published. */
async function readPublishedKids(target: PublicationTarget, issuer: string): Promise<readonly string[]> {
  const { jwks } = await readPublishedKeys(target, issuer);
  return jwks.value.flatMap(({ kid }) => kid ?? []);
}

interface PublicKids {
  readonly kids: readonly string[] | undefined;
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
}

/**
 * Fetches the key set as STS does. An issuer that is unreachable from here may be reachable for STS, so it is
 * only a note.
 */
async function readPublicKids(endpoint: IssuerEndpoint): Promise<PublicKids> {
  try {
    const { keys } = await fetchIssuerKeys(endpoint);
    return { kids: keys.flatMap(({ kid }) => kid ?? []), faults: [], notes: [] };
  } catch (thrown) {
    const problem = messageOf(thrown);
    if (!(thrown instanceof IssuerFetchError) || thrown.kind === 'unreachable') {
      const note = `the issuer's URL is unreachable from here (${problem}): only the target was checked`;
      return { kids: undefined, faults: [], notes: [note] };
    }
    const fault: Fault = {
      code: 'ROTATION_NOT_PUBLIC',
      object: `issuer ${endpoint.issuer}`,
      problem: `its documents are unusable: ${problem}`,
      remedy: 'correct the publication first: see podrole publish',
    };
    return { kids: undefined, faults: [fault], notes: [] };
  }
}

interface Settled<T> {
  readonly value: T | undefined;
  readonly faults: readonly Fault[];
}

async function settle<T>(read: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await read(), faults: [] };
  } catch (thrown) {
    if (thrown instanceof PodroleError) return { value: undefined, faults: thrown.faults };
    throw thrown;
  }
}
