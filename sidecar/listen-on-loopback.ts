import type { RequestListener } from 'node:http';
import { codeOf, PodroleError } from '../lib/errors.ts';
import { MAX_BODY_BYTES as maxBodyBytes } from '../lib/http/request-listener.ts';
import { drain, listen } from '../lib/http/serve.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';

export interface LoopbackServer {
  readonly port: number;
  readonly drain: (graceMs: number) => Promise<void>;
}

/** A second Host header is joined to the first, and refused together with it; by default Node drops it. */
const HTTP_OPTIONS = {
  /** No SDK sends more than a few hundred bytes. Node's own limit is twice this. */
  maxHeaderSize: 8_192,
  joinDuplicateHeaders: true,
} as const;

/**
 * Only the pod's own containers connect, some with hundreds of threads at once. A connection without TLS
 * takes some 10 KiB.
 */
const MAX_CONNECTIONS = 2_048;

/**
 * Listens on 127.0.0.1 and on [::1], on the same port, and nowhere else. On a machine without IPv6, only on
 * 127.0.0.1.
 * @param port 0 takes one that is free on 127.0.0.1. Whoever learns it asks there, so another program may
 * have it on [::1]
 * @throws PodroleError `LISTEN_FAILED`
 */
export async function listenOnLoopback(
  port: number,
  listener: RequestListener,
  logger: Logger,
): Promise<LoopbackServer> {
  const create = () =>
    createWebServer({ listener, http: HTTP_OPTIONS, maxBodyBytes, maxConnections: MAX_CONNECTIONS });
  const ipv4 = create();
  const ipv6 = create();
  const taken = await listen(ipv4, port, '127.0.0.1');
  try {
    await listen(ipv6, taken, '::1');
  } catch (thrown) {
    const code = thrown instanceof PodroleError ? codeOf(thrown.cause) : undefined;
    if (!(isWithoutIpv6(code) || (port === 0 && code === 'EADDRINUSE'))) {
      await drain(ipv4, 0);
      throw thrown;
    }
    logger.info({ code }, 'not listening on [::1], only on 127.0.0.1');
  }
  return {
    port: taken,
    drain: async (graceMs) => {
      await Promise.all([drain(ipv4, graceMs), drain(ipv6, graceMs)]);
    },
  };
}

function isWithoutIpv6(code: string | undefined): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}
