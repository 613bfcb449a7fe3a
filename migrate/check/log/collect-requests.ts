import type { OldProxy } from '../../model.ts';
import type { Asked, ProxyLog, UnknownAskers } from '../facts.ts';
import type { FindAsker } from './find-asker.ts';
import { type ProxyRequest, readLogLine } from './proxy-request.ts';

/** Time that is looked at, in milliseconds since 1970. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Takes the lines of one log, and keeps who asked last and when: not a line. */
export interface RequestCollector {
  readonly add: (line: string) => void;
  readonly result: () => Pick<ProxyLog, 'askers' | 'nodeAsked' | 'unknown'> & {
    /** Lines that may be about a request, and cannot be read. */
    readonly unreadable: number;
    /** Requests without the address of the client. */
    readonly withoutAddress: number;
  };
}

/** Name of a role with its path, or its ARN. [iam] 64 characters of a name, 512 of a path */
const ROLE = /^[\w+=,.@/:-]{1,640}$/;
/** Roles are named by tenants; after these, another one is counted as not named. */
const MAX_UNKNOWN_ROLES = 200;

export function collectRequests(from: OldProxy, window: Window, findAsker: FindAsker): RequestCollector {
  const askers = new Map<string, Asked>();
  const roles = new Set<string>();
  let nodeAsked: Asked | undefined;
  let unknown: Asked | undefined;
  let unreadable = 0;
  let withoutAddress = 0;

  function addRequest(request: ProxyRequest): void {
    const { atMs, address, role } = request;
    if (atMs < window.fromMs || atMs > window.toMs) return;
    if (address === undefined) withoutAddress += 1;
    const asker = address === undefined ? undefined : findAsker(address, atMs);
    if (asker?.pod !== undefined) askers.set(asker.pod, withRequest(askers.get(asker.pod), request));
    else if (asker) nodeAsked = withRequest(nodeAsked, request);
    else {
      unknown = withRequest(unknown, request);
      // Without a role, only its name was asked for.
      const isNew = role !== undefined && request.isServed && !roles.has(role);
      if (isNew) roles.add(roles.size < MAX_UNKNOWN_ROLES && ROLE.test(role) ? role : '');
    }
  }

  return {
    add: (line) => {
      const found = readLogLine(line, from);
      if (found === 'unreadable') unreadable += 1;
      else if (found !== 'other') addRequest(found);
    },
    result: () => {
      const unknownAskers: UnknownAskers | undefined = unknown && { ...unknown, roles: [...roles].sort() };
      return { askers, nodeAsked, unknown: unknownAskers, unreadable, withoutAddress };
    },
  };
}

function withRequest(asked: Asked = {}, { atMs, asksFor, isServed }: ProxyRequest): Asked {
  const key = asksFor === 'metadata' ? 'metadataMs' : isServed ? 'credentialsMs' : 'refusedMs';
  return { ...asked, [key]: Math.max(asked[key] ?? 0, atMs) };
}
