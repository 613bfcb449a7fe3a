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

interface FrontAddress {
  /** Name in its certificate; default: the address. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
}

/** @param address of this machine for pods @param url of the server */
export async function startTlsFront(
  address: string,
  url: string,
  { host = address, port: wanted = 0 }: FrontAddress = {},
): Promise<TlsFront> {
  const authority = await createAuthority('corporate');
  const { hostname, port } = new URL(url);
  const front = createServer(await authority.issue([host]), (socket) => {
    const server = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      server.destroy();
    };
    socket.on('error', end).on('close', end).pipe(server);
    server.on('error', end).on('close', end).pipe(socket);
  });
  front.listen(wanted, address);
  await once(front, 'listening');
  const { port: ownPort } = front.address() as AddressInfo;
  return { url: `https://${host}:${ownPort}`, authority: authority.cert, stop: () => front.close() };
}
