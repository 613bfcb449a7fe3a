import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, beforeEach } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';

/**
 * Conduct of a proxy: it leads to the target, never answers, answers with a status, or answers with bytes
 * that are not HTTP.
 */
export type ProxyConduct = 'lead' | 'hang' | 'garbage' | number;

/** A forward proxy on loopback, for CONNECT and for whole URLs. It resolves no names. */
export interface ForwardProxy {
  /** Port of the proxy. */
  readonly port: number;
  readonly url: string;
  /** Targets that it was asked for, in order: `CONNECT sts.test:443`, `POST http://sts.test/`. */
  readonly targets: string[];
  /** Ports on loopback by the host names of the targets. */
  readonly routes: Map<string, number>;
  conduct: ProxyConduct;
  /** User and password that it asks for, as `user:password`; default: none. */
  credentials: string | undefined;
  readonly close: () => Promise<void>;
}

/** Starts a proxy that leads everywhere. */
export async function startForwardProxy(): Promise<ForwardProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, answer) => {
    proxy.targets.push(`${incoming.method} ${incoming.url}`);
    const conduct = conductFor(incoming);
    if (conduct === 'lead') forward(incoming, answer);
    else if (typeof conduct === 'number') answer.writeHead(conduct).end('the proxy says so');
    else if (conduct === 'garbage') incoming.socket.end('this is not HTTP\r\n\r\n');
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    proxy.targets.push(`CONNECT ${incoming.url}`);
    const conduct = conductFor(incoming);
    if (conduct === 'lead') tunnel(incoming.url ?? '', socket, head);
    else if (typeof conduct === 'number') socket.end(`HTTP/1.1 ${conduct} No\r\nContent-Length: 2\r\n\r\nno`);
    else if (conduct === 'garbage') socket.end('this is not HTTP\r\n\r\n');
  });

  function conductFor({ headers }: IncomingMessage): ProxyConduct {
    if (proxy.credentials === undefined) return proxy.conduct;
    const wanted = `Basic ${Buffer.from(proxy.credentials).toString('base64')}`;
    return headers['proxy-authorization'] === wanted ? proxy.conduct : 407;
  }

  function portOf(host: string): number {
    return proxy.routes.get(host) ?? 1;
  }

  function forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const { hostname, pathname, search } = new URL(incoming.url ?? '');
    const options = {
      host: '127.0.0.1',
      port: portOf(hostname),
      path: pathname + search,
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
    };
    const onward = request(options, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    incoming.pipe(onward);
  }

  function tunnel(authority: string, socket: Socket, head: Buffer): void {
    const onward = connect(portOf(authority.replace(/:\d+$/, '')), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  }

  const port = await listen(server, 0, '127.0.0.1');
  const proxy: ForwardProxy = {
    port,
    url: `http://127.0.0.1:${port}`,
    targets: [],
    routes: new Map(),
    conduct: 'lead',
    credentials: undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await drain(server, 0);
    },
  };
  return proxy;
}

/** Starts a proxy for a test file. Each test begins with one that leads everywhere and has seen nothing. */
export async function useForwardProxy(): Promise<ForwardProxy> {
  const proxy = await startForwardProxy();
  beforeEach(() => {
    proxy.targets.length = 0;
    proxy.conduct = 'lead';
    proxy.credentials = undefined;
  });
  after(() => proxy.close());
  return proxy;
}
