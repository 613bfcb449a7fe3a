import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Answer of a container to a command: frames of `v4.channel.k8s.io`. */
export interface ExecAnswer {
  readonly stdout?: string | Buffer;
  /** Status of kubelet; default: success. `cut`: the connection ends without one; `open`: nothing ends. */
  readonly status?: object | 'cut' | 'open';
}

/** An API server that runs commands in containers, over WebSocket. RFC 6455 */
export interface ExecServer {
  readonly url: string;
  /** Queries of the requests. */
  readonly asked: readonly URL[];
  answer: (url: URL) => ExecAnswer | Promise<ExecAnswer>;
  /** Status of an HTTP answer that refuses. */
  refusal: number | undefined;
  readonly stop: () => Promise<void>;
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const SUCCESS = { metadata: {}, status: 'Success' };

/** @param get answers other requests, in JSON */
export async function startExecServer(
  get: (path: string) => object | undefined = () => undefined,
): Promise<ExecServer> {
  const asked: URL[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer(({ url = '/' }, response) => {
    const body = get(url);
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  server.on('upgrade', async ({ url = '/', headers }, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => {});
    asked.push(new URL(url, 'http://api'));
    if (running.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${running.refusal} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${MAGIC}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`,
    );
    const { stdout, status = SUCCESS } = await running.answer(new URL(url, 'http://api'));
    if (stdout !== undefined) socket.write(frame(1, Buffer.from(stdout)));
    if (status === 'open') return;
    if (status !== 'cut') socket.write(frame(3, Buffer.from(JSON.stringify(status))));
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const running: ExecServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: () => ({}),
    refusal: undefined,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return running;
}

/** A binary frame whose first byte is the number of the stream. */
function frame(stream: number, content: Buffer): Buffer {
  const length = content.length + 1;
  const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0, stream]);
  head.writeUInt32BE(length, 6);
  if (length < 126) return Buffer.concat([Buffer.from([0x82, length, stream]), content]);
  if (length > 0xffff) return Buffer.concat([head, content]);
  return Buffer.concat([Buffer.from([0x82, 126, length >> 8, length & 0xff, stream]), content]);
}
