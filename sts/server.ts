import { once } from 'node:events';
import { PodroleError } from '../lib/errors.ts';
import { drain, listen, type WebServer } from '../lib/http/serve.ts';
import { createTlsServer, createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';
import { readSettingFile } from '../lib/settings/settings.ts';
import type { Env } from '../lib/surroundings.ts';
import { parseKeyPair } from '../lib/tls/key-pair.ts';
import { MAX_BODY_BYTES as maxBodyBytes, stsApp } from './app.ts';
import { readStsConfig } from './config/read-config.ts';
import type { StsSettings } from './settings.ts';

/** Enough for two documents of an issuer, each within its time limit, and for the answer. */
const DRAIN_GRACE_MS = 12_000;

/**
 * Serves the local STS until the signal, then finishes what is in flight.
 * @param env names the proxies that lead to the issuers
 * @throws PodroleError for an unusable configuration, certificate or port
 */
export async function serveSts(
  settings: StsSettings,
  { logger, env, signal }: { readonly logger: Logger; readonly env: Env; readonly signal: AbortSignal },
): Promise<void> {
  const { host, tlsCert } = settings;
  const app = stsApp(readStsConfig(settings.config), { logger, now: () => new Date(), env });
  const server = createStsServer(settings, app.callback());
  const port = await listen(server, settings.port, host);
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  logger.info({ port, url: `${tlsCert ? 'https' : 'http'}://${authority}` }, 'listening');
  if (!signal.aborted) await once(signal, 'abort');
  await drain(server, DRAIN_GRACE_MS);
  logger.info('stopped');
}

function createStsServer(
  { tlsCert, tlsKey }: StsSettings,
  listener: ReturnType<ReturnType<typeof stsApp>['callback']>,
): WebServer {
  if (tlsCert === undefined && tlsKey === undefined) return createWebServer({ listener, maxBodyBytes });
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new PodroleError({
      code: 'INVALID_SETTING',
      object: '--tls-cert, --tls-key',
      problem: 'only one of them is set',
      remedy: 'set both for https, none for http',
    });
  }
  const cert = readSettingFile('--tls-cert', tlsCert);
  const key = readSettingFile('--tls-key', tlsKey);
  parseKeyPair({ origin: `--tls-cert ${tlsCert}`, text: cert }, { origin: `--tls-key ${tlsKey}`, text: key });
  return createTlsServer({ listener, maxBodyBytes }, { cert, key });
}
