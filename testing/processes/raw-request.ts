import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a server answers to these bytes, until it or we close: all answers as one text. No client library mends them on the way. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  host = '127.0.0.1',
): Promise<string> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, 'connect');
  // A server that refuses what comes first closes while we write.
  socket.on('error', () => {});
  socket.end(bytes);
  return text(socket).catch(() => '');
}
