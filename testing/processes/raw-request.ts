import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Sends these bytes and returns all answers as one string, until either side closes. No client library
 * corrects the bytes.
 */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  host = '127.0.0.1',
): Promise<string> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, 'connect');
  // A server that refuses the first bytes closes the connection while we still write.
  socket.on('error', () => {});
  socket.end(bytes);
  return text(socket).catch(() => '');
}
