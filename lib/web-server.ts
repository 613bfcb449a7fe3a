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
import { limitConnections, type WebServer } from './connections.ts';
import { lingerOnClose } from './lingering-close.ts';
import { connectionsOf } from './serve.ts';

export interface WebServerOptions {
  readonly listener: RequestListener;
  /** Further options of HTTP. */
  readonly http?: Pick<ServerOptions, 'maxHeaderSize' | 'joinDuplicateHeaders'>;
  /** Largest body that the listener reads: who asks before it sends a larger one (`Expect: 100-continue`) is not told to. */
  readonly maxBodyBytes: number;
  /** Default: 512. */
  readonly maxConnections?: number;
  /** Called for each connection that had to make room for another, or found none. */
  readonly onConnectionShed?: () => void;
}

/**
 * Limits of every server of podrole, against clients that hold a connection without using it. They act within half a second of their
 * time: that is how often Node looks for who is beyond them, in place of each 30 s.
 */
const TIME_LIMITS = {
  connectionsCheckingInterval: 500,
  /** A connection's first request, counted from its handshake; and the headers of each further one from their first byte. */
  headersTimeout: 5_000,
  /** A review of 7 MiB takes well under ten seconds on any link between an API server and a pod. */
  requestTimeout: 10_000,
  /** Longer than the 90 s for which kube-apiserver keeps an idle connection, so that it is the API server that closes it. */
  keepAliveTimeout: 120_000,
} as const;
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** A client that does not read its answer; no answer takes half as long to make. */
const STALLED_MS = 30_000;
/**
 * A TLS connection takes some 75 KiB, with or without its handshake, so that these are 38 MiB. Three API servers that send 200 requests each at once, their default
 * limit for changes, are far below it: few of these are for pods.
 */
const MAX_CONNECTIONS = 512;

/** Makes a server that bounds what its clients may take; this file is the only place that makes one. `listen` starts it, `drain` ends it. */
export function createWebServer(options: WebServerOptions): HttpServer {
  const server = createHttpServer({ ...TIME_LIMITS, ...options.http }, options.listener);
  bound(server, options);
  return server;
}

/** The same over TLS. */
export function createTlsServer(options: WebServerOptions, tls: HttpsServerOptions): HttpsServer {
  const limits = { ...TIME_LIMITS, ...options.http, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server = createHttpsServer({ ...tls, ...limits, ALPNProtocols: ['http/1.1'] }, options.listener);
  bound(server, options);
  return server;
}

function bound(server: WebServer, options: WebServerOptions): void {
  const { maxBodyBytes, maxConnections = MAX_CONNECTIONS, onConnectionShed = () => {} } = options;
  server.timeout = STALLED_MS;
  limitConnections(server, connectionsOf(server), maxConnections, onConnectionShed);
  lingerOnClose(server);
  server.on('checkContinue', (request, response) => {
    if (!(Number(request.headers['content-length']) > maxBodyBytes)) response.writeContinue();
    server.emit('request', request, response);
  });
}
