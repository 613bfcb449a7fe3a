import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import { messageOf, PodroleError } from '../lib/errors.ts';
import { drain, listen, type WebServer } from '../lib/http/serve.ts';
import { createTlsServer, createWebServer } from '../lib/http/web-server.ts';
import type { Logger } from '../lib/logger.ts';
import { readSettingFile } from '../lib/settings/settings.ts';
import { parseYamlDocuments } from '../lib/yaml-documents.ts';
import { MAX_BODY_BYTES as maxBodyBytes, stsApp } from './app.ts';
import { parseStsConfig, type StsConfig } from './config.ts';
import type { StsSettings } from './settings.ts';

/** Two documents of an issuer, each within its limit, and what is left for the answer. */
const DRAIN_GRACE_MS = 12_000;

/**
 * Serves the local STS until the signal, then finishes what is in flight.
 * @throws PodroleError for a configuration, a certificate or a port that can't be used
 */
export async function serveSts(settings: StsSettings, logger: Logger, signal: AbortSignal): Promise<void> {
  const { host, tlsCert } = settings;
  const app = stsApp(readStsConfig(settings.config), logger, () => new Date());
  const server = createStsServer(settings, app.callback());
  const port = await listen(server, settings.port, host);
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  logger.info({ port, url: `${tlsCert ? 'https' : 'http'}://${authority}` }, 'listening');
  if (!signal.aborted) await once(signal, 'abort');
  await drain(server, DRAIN_GRACE_MS);
  logger.info('stopped');
}

/** A configuration from its YAML file; files that it names are relative to it. */
export function readStsConfig(file: string): StsConfig {
  const content = readSettingFile('--config', file);
  const readText = (path: string) => readSettingFile('file', resolve(dirname(file), path));
  return parseStsConfig(
    usable('--config', file, () => onlyDocument(content)),
    file,
    readText,
  );
}

function onlyDocument(content: string): unknown {
  const [document, second] = parseYamlDocuments(content);
  const [error] = document?.errors ?? [];
  if (error) throw error;
  if (second) throw new Error('has more than one document');
  return document?.toJS({ maxAliasCount: 100 }) ?? null;
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
  return usable('--tls-cert', tlsCert, () => createTlsServer({ listener, maxBodyBytes }, { cert, key }));
}

function usable<T>(flag: string, file: string, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'INVALID_FILE',
        object: `${flag} ${file}`,
        problem: messageOf(thrown),
        remedy: 'mend the file',
      },
      { cause: thrown },
    );
  }
}
