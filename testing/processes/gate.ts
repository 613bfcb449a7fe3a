import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A server before another one, which can hold back requests as a server that hangs does. */
export interface Gate {
  readonly url: string;
  /** Requests that are held back now: method, path and body. */
  readonly held: readonly string[];
  /** Lets the held requests through. */
  readonly open: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * @param target URL of the server behind; without it, nothing ever gets an answer
 * @param isHeld decides by method, path and body
 */
export async function startGate(
  target: string | undefined,
  isHeld: (asked: string) => boolean,
): Promise<Gate> {
  const held: string[] = [];
  const opened = Promise.withResolvers<void>();
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const { method = '', url = '', headers } = incoming;
    const asked = `${method} ${url} ${body}`;
    if (isHeld(asked)) {
      held.push(asked);
      await opened.promise;
    }
    if (target === undefined) return;
    const answer = await send(new URL(url, target), method, headers, body);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held,
    open: opened.resolve,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function send(url: URL, method: string, headers: IncomingHttpHeaders, body: Buffer) {
  const sent = request(url, { method, headers });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
}
