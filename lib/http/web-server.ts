import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import {
  createServer as createHttpsServer,
  type Server as HttpsServer,
  type ServerOptions as HttpsServerOptions,
} from 'node:https';
import { answerClientErrors } from './client-error.ts';
import { limitShares } from './connection-shares.ts';
import { limitConnections, type WebServer } from './connections.ts';
import { limitPipelining } from './limit-pipelining.ts';
import { lingerOnClose } from './lingering-close.ts';
import { connectionsOf } from './serve.ts';

export interface WebServerOptions {
  readonly listener: RequestListener;
  /** Further HTTP options. */
  readonly http?: Pick<ServerOptions, 'maxHeaderSize' | 'joinDuplicateHeaders'>;
  /**
   * Largest body that the listener reads. A client that asks before it sends more (`Expect: 100-continue`)
   * gets no 100.
   */
  readonly maxBodyBytes: number;
  /** Default: 512. */
  readonly maxConnections?: number;
  /** Most connections of one address; default: no limit but that of all. */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Most requests that a client may send on a connection before the first of them is answered; a client that
   * sends more is cut off. Default: 32.
   */
  readonly maxPipelined?: number;
  /** Called for each connection that was closed because of the limit. */
  readonly onConnectionShed?: () => void;
}

/**
 * Limits of every server of podrole, against clients that hold a connection without using it. They act at
 * most half a second late: Node checks that often, instead of every 30 s.
 */
const TIME_LIMITS = {
  connectionsCheckingInterval: 500,
  /**
   * For the headers of a request: of the first one from the handshake on, of later ones from their first byte
   * on.
   */
  headersTimeout: 5_000,
  /** A review of 7 MiB takes well under ten seconds on any link between an API server and a pod. */
  requestTimeout: 10_000,
  /**
   * Longer than the 90 s for which kube-apiserver keeps an idle connection, so that it is the API server that
   * closes it.
   */
  keepAliveTimeout: 120_000,
} as const;
/** `withHost` requires it instead: Node answers without a `request` event, so the answer could be lost. */
const COMMON = { ...TIME_LIMITS, requireHostHeader: false } as const;
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Limit for a client that does not read its answer. Making an answer takes less than half of this. */
const STALLED_MS = 30_000;
/**
 * A TLS connection takes some 75 KiB, with or without its handshake: 38 MiB in all. Three API servers send at
 * most 200 changes each at once, by their default limit, and few of these concern pods: far fewer connections
 * than this.
 */
const MAX_CONNECTIONS = 512;

/** Clients that pipeline at all, such as some proxies, send a handful. */
const MAX_PIPELINED = 32;

/**
 * Creates a server that limits what its clients may use. No other file creates servers. `listen` starts it,
 * `drain` ends it.
 */
export function createWebServer(options: WebServerOptions): HttpServer {
  const server = createHttpServer({ ...COMMON, ...options.http }, withHost(options.listener));
  applyLimits(server, options);
  return server;
}

/** Creates the same over TLS. */
export function createTlsServer(options: WebServerOptions, tls: HttpsServerOptions): HttpsServer {
  const limits = { ...COMMON, ...options.http, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const all = { ...tls, ...limits, ALPNProtocols: ['http/1.1'] };
  const server = createHttpsServer(all, withHost(options.listener));
  applyLimits(server, options);
  return server;
}

function applyLimits(server: WebServer, options: WebServerOptions): void {
  const { maxBodyBytes, maxConnections = MAX_CONNECTIONS, onConnectionShed = () => {} } = options;
  const { maxConnectionsPerAddress: perAddress, maxPipelined = MAX_PIPELINED } = options;
  server.timeout = STALLED_MS;
  const connections = connectionsOf(server);
  if (perAddress === undefined) limitConnections(server, connections, maxConnections, onConnectionShed);
  else limitShares(server, connections, { inAll: maxConnections, perAddress }, onConnectionShed);
  limitPipelining(server, maxPipelined, onConnectionShed);
  lingerOnClose(server);
  answerClientErrors(server, connections);
  server.on('checkContinue', (request, response) => {
    if (!(Number(request.headers['content-length']) > maxBodyBytes)) response.writeContinue();
    server.emit('request', request, response);
  });
}

/**
 * Requires the Host header, as Node does. RFC 9112, section 3.2. Of a client that was cut off, Node still
 * reports the requests that it has already received.
 */
function withHost(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.socket.destroyed) return;
    if (request.httpVersion === '1.1' && request.headers.host === undefined) {
      response.writeHead(400, { Connection: 'close', 'Content-Length': 0 }).end();
      return;
    }
    return listener(request, response);
  };
}
