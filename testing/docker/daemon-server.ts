import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endConnections, listenOnPath } from './listen-on-path.ts';

/** Answer of a daemon: a document, or a function that writes it. */
export type DaemonAnswer =
  | { readonly status?: number; readonly body: unknown }
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** HTTP server on a Unix socket that answers as a daemon. */
export interface DaemonServer {
  readonly socketPath: string;
  /** Answers by path, with the version. */
  readonly answers: Map<string, DaemonAnswer>;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Ends it as a daemon that stops: connections break off, and the socket goes. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server. `/_ping` says that it is Docker 20.10. */
export async function startDaemonServer(): Promise<DaemonServer> {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-daemon-'));
  const socketPath = join(folder, 'docker.sock');
  const asked: string[] = [];
  const answers = new Map<string, DaemonAnswer>([['/_ping', pong({ 'Api-Version': '1.41' })]]);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers.get(path) ?? answers.get(path.split('?')[0] ?? '') ?? NOT_FOUND;
    if (typeof answer === 'function') return answer(request, response);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  const start = () => listenOnPath(server, socketPath);
  const stop = () => endConnections(server);
  await start();
  return {
    socketPath,
    answers,
    asked,
    start,
    stop,
    close: async () => {
      if (server.listening) await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Answer to `/_ping`. */
export function pong(headers: Readonly<Record<string, string>>): DaemonAnswer {
  return (_, response) => {
    response.writeHead(200, headers);
    response.end('OK');
  };
}

const NOT_FOUND: DaemonAnswer = { status: 404, body: { message: 'page not found' } };
