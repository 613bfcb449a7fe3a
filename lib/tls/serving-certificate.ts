import type { Server } from 'node:https';
import { type FileContents, readFiles, UNREADABLE, watchFiles } from '../files/watched-files.ts';
import type { Logger } from '../logger.ts';
import { parseKeyPair, type ServingKeyPair } from './key-pair.ts';

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface ServingCertificate {
  /** Current pair. */
  readonly current: () => ServingKeyPair;
  /**
   * Serves each new pair on this server from then on; open connections keep theirs. Returns a function that
   * ends this.
   */
  readonly follow: (server: Pick<Server, 'setSecureContext'>, pollMs?: number) => () => void;
}

/** Options that are set together with each pair: setSecureContext would drop them otherwise. */
export interface TlsLimits {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

/**
 * Loads the certificate to serve.
 * @throws PodroleError if the files do not contain a pair: there is no last good one yet
 */
export async function loadServingCertificate(
  { certPath, keyPath }: CertificateFiles,
  limits: TlsLimits,
  logger: Logger,
  now: () => Date,
): Promise<ServingCertificate> {
  const paths = [certPath, keyPath];
  const known = await readFiles(paths);
  let current = parse(known);
  report('certificate loaded');

  function parse([cert, key]: FileContents): ServingKeyPair {
    return parseKeyPair(
      { origin: `--tls-cert ${certPath}`, text: textOf(cert) },
      { origin: `--tls-key ${keyPath}`, text: textOf(key) },
    );
  }

  function report(event: string): void {
    const { serialNumber, notAfter } = current;
    const expired = notAfter <= now();
    logger[expired ? 'warn' : 'info'](
      { serialNumber, notAfter },
      expired ? `${event}; it has expired` : event,
    );
  }

  return {
    current: () => current,
    follow: (server, pollMs) =>
      watchFiles({
        paths,
        known,
        ...(pollMs === undefined ? {} : { pollMs }),
        onChange: (contents) => {
          try {
            const next = parse(contents);
            server.setSecureContext({ ...limits, cert: next.cert, key: next.key });
            current = next;
            report('certificate replaced');
          } catch (thrown) {
            logger.warn(
              { err: thrown },
              'certificate files changed, but do not contain a pair; the last good one is served',
            );
          }
        },
      }),
  };
}

function textOf(content: FileContents[number]): string | undefined {
  return content === UNREADABLE ? undefined : content;
}
