import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { createAuthority } from '../../../testing/certificates/certificates.ts';

/** An https address of a server that speaks only http, with a certificate of a private authority. */
interface TlsFront {
  readonly url: string;
  /** The authority of its certificate, PEM. */
  readonly authority: string;
  stop(): void;
}

/** @param address of this machine for pods @param url of the server */
export async function startTlsFront(address: string, url: string): Promise<TlsFront> {
  const authority = await createAuthority('corporate');
  const { hostname, port } = new URL(url);
  const front = createServer(await authority.issue([address]), (socket) => {
    const server = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      server.destroy();
    };
    socket.on('error', end).on('close', end).pipe(server);
    server.on('error', end).on('close', end).pipe(socket);
  });
  front.listen(0, '0.0.0.0');
  await once(front, 'listening');
  const { port: ownPort } = front.address() as AddressInfo;
  return { url: `https://${address}:${ownPort}`, authority: authority.cert, stop: () => front.close() };
}
