import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { waitFor } from '../../testing/wait-for.ts';

/** A request as sent, and the status of its answer. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  status?: number;
}

interface Recorder {
  /** The port that it listens on. */
  readonly port: number;
  /** Resolves with the requests since the last call, in order, once every client has disconnected. */
  take(): Promise<readonly RecordedRequest[]>;
  stop(): void;
}

const REQUEST = /([A-Z]+) (\S+) HTTP\/1\.[01]\r\n((?:[^\r\n]+\r\n)*)\r\n/g;
/** 100 Continue is not the answer yet. */
const STATUS = /HTTP\/1\.1 ([2-5]\d\d) /g;

/**
 * Starts a proxy in front of a server, both on 127.0.0.1, that records the traffic. It forwards every byte
 * unchanged, in both directions.
 * @param port 0 selects a free one
 */
export async function startRecorder(port: number, serverPort: number): Promise<Recorder> {
  let recorded: RecordedRequest[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    const asked: RecordedRequest[] = [];
    let answered = 0;
    onMatch(client, REQUEST, ([, method = '', url = '', headers = '']) => {
      const request: RecordedRequest = { method, url, headers: parseHeaders(headers) };
      asked.push(request);
      recorded.push(request);
    });
    onMatch(upstream, STATUS, ([, status]) => {
      const request = asked[answered++];
      if (request) request.status = Number(status);
    });
    client.pipe(upstream).pipe(client);
    open.add(client).add(upstream);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // A killed client resets its connection.
      socket.on('error', () => other.destroy());
      socket.on('close', () => open.delete(socket));
    }
  });
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  await listening;
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async take() {
      await waitFor(() => open.size === 0, "the end of its clients' connections");
      const taken = recorded;
      recorded = [];
      return taken;
    },
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Calls back for each match in the bytes of a socket, also across chunks. */
function onMatch(socket: Socket, pattern: RegExp, found: (match: RegExpExecArray) => void): void {
  const own = new RegExp(pattern);
  let received = '';
  socket.on('data', (data) => {
    received += data.toString('latin1');
    for (;;) {
      const from = own.lastIndex;
      const match = own.exec(received);
      if (match) found(match);
      else {
        own.lastIndex = from;
        return;
      }
    }
  });
}

function parseHeaders(lines: string): Record<string, string> {
  const pairs = lines
    .trimEnd()
    .split('\r\n')
    .filter((line) => line.includes(':'))
    .map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
  return Object.fromEntries(pairs);
}
