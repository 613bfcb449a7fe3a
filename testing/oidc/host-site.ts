import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { drain, listen } from '../../lib/http/serve.ts';
import { createLogger } from '../../lib/logger.ts';
import { stsApp } from '../../sts/app.ts';
import { parseStsConfig } from '../../sts/config/config.ts';
import { createAuthority } from '../certificates/certificates.ts';

/** A web server whose root is a folder that podrole publishes to. */
interface HostSite {
  /** `127.0.0.1:PORT`, for --verify-connect-to. */
  readonly address: string;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
  readonly close: () => Promise<void>;
}

/** Serves a folder over https on loopback, under a host name that does not lead there. */
export async function serveSite(host: string, folder: string): Promise<HostSite> {
  const authority = await createAuthority('authority of the test');
  const web = createTlsServer(await authority.issue([host]), (request, response) => {
    try {
      response.setHeader('content-type', 'application/json').end(readFileSync(`${folder}${request.url}`));
    } catch {
      response.writeHead(404).end();
    }
  });
  const address = `127.0.0.1:${await listen(web, 0, '127.0.0.1')}`;
  return { address, ca: authority.cert, close: () => drain(web, 0) };
}

/** Starts a local STS with one role, which verifies tokens with what the site serves. */
export async function serveHostSts({
  issuer,
  site,
  role,
  trustPolicy,
}: {
  readonly issuer: string;
  readonly site: HostSite;
  readonly role: string;
  readonly trustPolicy: unknown;
}): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const provider = {
    url: issuer,
    clientIDs: ['sts.amazonaws.com'],
    caFile: 'ca.crt',
    connectTo: site.address,
  };
  const roles = [{ arn: `arn:aws:iam::111122223333:role/${role}`, trustPolicy }];
  const config = parseStsConfig({ providers: [provider], roles }, 'test', () => site.ca);
  const logger = createLogger('error', { write: () => undefined });
  const server = createServer(stsApp(config, { logger, now: () => new Date() }).callback());
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}/`;
  return { url, close: () => drain(server, 0) };
}
