import { X509Certificate } from 'node:crypto';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { type FileContents, readFiles, watchFiles } from '../../lib/files/watched-files.ts';
import type { Logger } from '../../lib/logger.ts';
import { PemError, pemBlocks } from '../../lib/tls/pem.ts';

/** The authorities that sign the API server's client certificate, PEM. */
export interface ClientAuthority {
  readonly current: () => string;
  /**
   * Calls back with each new content from then on.
   * @returns a function that stops following the file
   */
  readonly follow: (onChange: (pem: string) => void, pollMs?: number) => () => void;
}

interface Authorities {
  readonly pem: string;
  /** Their distinguished names. */
  readonly subjects: readonly string[];
}

/**
 * Loads the file of `--client-ca`.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_CERTIFICATE`: without it, the API server cannot be
 * distinguished from a stranger
 */
export async function loadClientAuthority(path: string, logger: Logger): Promise<ClientAuthority> {
  const known = await readFiles([path]);
  let current = parse(known[0]);
  report('client CA loaded');

  function parse(content: FileContents[number]): Authorities {
    return parseAuthorities(`--client-ca ${path}`, content);
  }

  function report(event: string): void {
    const { subjects } = current;
    logger.info({ subjects: subjects.slice(0, 10), count: subjects.length }, event);
  }

  return {
    current: () => current.pem,
    follow: (onChange, pollMs) =>
      watchFiles({
        paths: [path],
        known,
        ...(pollMs === undefined ? {} : { pollMs }),
        onChange: ([content]) => {
          try {
            current = parse(content);
            onChange(current.pem);
            report('client CA replaced');
          } catch (thrown) {
            logger.warn(
              { err: thrown },
              'the file of --client-ca changed but cannot be used; its last good content stays in use',
            );
          }
        },
      }),
  };
}

/**
 * Requires each block to be a certificate: OpenSSL would skip any other, and refuse its clients without an
 * error here.
 */
function parseAuthorities(object: string, content: FileContents[number]): Authorities {
  const remedy = "put the CA certificates of the API server's client certificate into this file, as PEM";
  if (typeof content !== 'string') {
    const problem = 'does not exist, or is not a regular file that this process may read';
    throw new PodroleError({ code: 'UNREADABLE_FILE', object, problem, remedy });
  }
  try {
    const blocks = pemBlocks(content);
    if (blocks.length === 0) throw new PemError('has no certificate');
    const certificates = blocks.map(({ text }) => new X509Certificate(text));
    const leaf = certificates.find(({ ca }) => !ca);
    // OpenSSL trusts only a CA to sign, so this one would admit nobody.
    if (leaf) throw new PemError(`contains the certificate of ${leaf.subject}, which is not a CA`);
    return { pem: content, subjects: certificates.map(({ subject }) => subject) };
  } catch (thrown) {
    const problem =
      thrown instanceof PemError
        ? thrown.message
        : `contains a block that cannot be read as a certificate (${messageOf(thrown)})`;
    throw new PodroleError({ code: 'INVALID_CERTIFICATE', object, problem, remedy }, { cause: thrown });
  }
}
