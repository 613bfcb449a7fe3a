import { X509Certificate } from 'node:crypto';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { readFiles, watchFiles } from '../../lib/watched-files.ts';

/** The authorities that sign the API server's client certificate, PEM. */
export interface ClientAuthority {
  readonly current: () => string;
  /** Calls back with each new content from then on. @returns stops following the file */
  readonly follow: (onChange: (pem: string) => void, pollMs?: number) => () => void;
}

/**
 * Loads the file of `--client-ca`.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_CERTIFICATE`: without it, nobody could be told from a stranger
 */
export async function loadClientAuthority(path: string, logger: Logger): Promise<ClientAuthority> {
  const known = await readFiles([path]);
  let current = parse(known[0]);
  report('authorities of clients loaded');

  function parse(content: string | undefined): string {
    return parseAuthorities(`--client-ca ${path}`, content);
  }

  function report(event: string): void {
    const subjects = certificatesIn(current).map((pem) => new X509Certificate(pem).subject);
    logger.info({ subjects: subjects.slice(0, 10), count: subjects.length }, event);
  }

  return {
    current: () => current,
    follow: (onChange, pollMs) =>
      watchFiles({
        paths: [path],
        known,
        ...(pollMs === undefined ? {} : { pollMs }),
        onChange: ([content]) => {
          try {
            current = parse(content);
            onChange(current);
            report('authorities of clients replaced');
          } catch (thrown) {
            logger.warn(
              { err: thrown },
              'the file of --client-ca changed, but can not be used; the last good one counts',
            );
          }
        },
      }),
  };
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

function certificatesIn(pem: string): readonly string[] {
  return pem.match(BLOCK) ?? [];
}

/** Each block must be a certificate: OpenSSL would skip the others, and whom they were to let in would be refused without a word. */
function parseAuthorities(object: string, content: string | undefined): string {
  const remedy = 'put the certificates there that sign the client certificate of the API server, PEM';
  if (content === undefined) {
    throw new PodroleError({
      code: 'UNREADABLE_FILE',
      object,
      problem: 'there is no such file that this process may read',
      remedy,
    });
  }
  const invalid = (problem: string) =>
    new PodroleError({ code: 'INVALID_CERTIFICATE', object, problem, remedy });
  const blocks = certificatesIn(content);
  if (blocks.length === 0 || blocks.length !== content.split('-----BEGIN ').length - 1) {
    throw invalid(blocks.length === 0 ? 'has no certificate' : 'has a block that does not end');
  }
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (thrown) {
      throw invalid(`block ${at + 1} can't be read as a certificate (${messageOf(thrown)})`);
    }
  }
  return content;
}
