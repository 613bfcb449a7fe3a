import { isIP } from 'node:net';
import type { OldProxy } from '../../model.ts';
import { type LogFields, logFields } from './log-fields.ts';

/** A request that the old proxy noted in its log. */
export interface ProxyRequest {
  /** Milliseconds since 1970, by the clock of the node. */
  readonly atMs: number;
  /** IP address of the client; undefined if the proxy did not note it. */
  readonly address: string | undefined;
  /** `credentials`: the name of the role, or its credentials. `metadata`: everything else. */
  readonly asksFor: 'credentials' | 'metadata';
  /** Role that the path names; undefined if it names none. */
  readonly role: string | undefined;
  /** False if the proxy answered with an error. */
  readonly isServed: boolean;
}

/** `other`: a line about something else. `unreadable`: a line that may be about a request. */
export type LogLine = ProxyRequest | 'other' | 'unreadable';

/**
 * Reads a line of the old proxy's log, with the time that kubelet puts before it.
 *
 * [kube2iam] server/server.go: `req.method`, `req.path`, `req.remote`, `res.status`; versions before 0.3 note
 * the path alone, in the message. [kiam] pkg/aws/metadata/log.go: `addr`, `method`, `path`, `status`.
 */
export function readLogLine(line: string, from: OldProxy): LogLine {
  const space = line.indexOf(' ');
  const atMs = timeOf(line.slice(0, Math.max(space, 0)));
  const fields = atMs === undefined ? undefined : logFields(line.slice(space + 1));
  if (atMs === undefined || !fields) return mayBeRequest(line, from) ? 'unreadable' : 'other';
  const noted = from === 'kiam' ? notedByKiam(fields) : notedByKube2iam(fields);
  if (!noted) return 'other';
  const { path, address, status } = noted;
  if (OWN_PATHS[from].has(path)) return 'other';
  const credentials = CREDENTIALS.exec(path);
  return {
    atMs,
    address: isIP(address) > 0 ? address : undefined,
    asksFor: credentials ? 'credentials' : 'metadata',
    role: credentials?.[1] || undefined,
    // A line without a status is about an error on the way, or for debugging: the client has asked.
    isServed: status === undefined || /^[123]\d\d$/.test(status),
  };
}

/** Words in each line about a request. Libraries of the proxy write lines of other forms. */
const REQUEST_WORDS: Readonly<Record<OldProxy, readonly string[]>> = {
  kube2iam: ['req.path', 'Requesting /'],
  kiam: ['addr', 'processed request'],
};

function mayBeRequest(line: string, from: OldProxy): boolean {
  return REQUEST_WORDS[from].some((word) => line.includes(word));
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function timeOf(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Time that kubelet puts before a line; undefined if there is none. */
export function timeOfLine(line: string): number | undefined {
  return timeOf(line.split(' ', 1)[0] ?? '');
}

const CREDENTIALS = /^\/[^/]+\/meta-data\/iam\/security-credentials(?:\/(.*))?$/s;

/** Paths of the proxy itself, which kubelet and Prometheus ask for. */
const OWN_PATHS: Readonly<Record<OldProxy, ReadonlySet<string>>> = {
  kube2iam: new Set(['/healthz', '/metrics', '/debug/store']),
  kiam: new Set(['/ping', '/health', '/metrics']),
};

interface Noted {
  readonly path: string;
  readonly address: string;
  readonly status: string | undefined;
}

const OLD_MESSAGE = 'Requesting /';

function notedByKube2iam(fields: LogFields): Noted | undefined {
  const path = fields.get('req.path');
  const status = fields.get('res.status');
  if (path !== undefined) return { path, address: fields.get('req.remote') ?? '', status };
  const message = fields.get('msg') ?? '';
  if (!message.startsWith(OLD_MESSAGE)) return undefined;
  const asked = message.slice(OLD_MESSAGE.length - 1).split('?', 1)[0] ?? '';
  return { path: asked, address: '', status: undefined };
}

function notedByKiam(fields: LogFields): Noted | undefined {
  const path = fields.get('path');
  const peer = fields.get('addr');
  if (path === undefined || peer === undefined) return undefined;
  const host = peer.slice(0, Math.max(peer.lastIndexOf(':'), 0));
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return { path, address, status: fields.get('status') };
}
