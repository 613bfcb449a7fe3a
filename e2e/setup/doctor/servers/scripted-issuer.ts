import { createServer, type Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { JWKS_PATH } from '../../../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../../../lib/contract/sts.ts';
import { drain, listen } from '../../../../lib/http/serve.ts';
import type { Authority, KeyPair } from '../../../../testing/certificates/certificates.ts';

/** Answer to one GET. */
interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Time until it is sent. */
  readonly delayMs?: number;
}

/** Web server of the issuer, whose answers a test decides. */
export interface ScriptedIssuer {
  /** Answers by path. A path without an answer is 404. */
  readonly answers: Map<string, ScriptedAnswer>;
  /** Publishes these documents, and forgets all other answers. */
  publish(documents: IssuerDocuments): void;
  /** Serves another certificate from the next connection on. */
  serveCertificate(pair: KeyPair): void;
  /** Serves the first certificate again. */
  restoreCertificate(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface IssuerDocuments {
  readonly discovery: Readonly<Record<string, unknown>>;
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** @param address that of the host in e2e/cluster/hosts */
export async function startScriptedIssuer(
  host: string,
  address: string,
  authority: Authority,
): Promise<ScriptedIssuer> {
  const answers = new Map<string, ScriptedAnswer>();
  const first = await authority.issue([host]);
  let context = createSecureContext(first);
  let running: Server | undefined;
  const serve = (): Server =>
    createServer(
      { ...first, SNICallback: (_name, done) => done(null, context) },
      async ({ url = '/' }, response) => {
        const { status, headers = {}, body = '', delayMs = 0 } = answers.get(url) ?? { status: 404 };
        if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
        // A kept connection would go on with the certificate that it began with.
        response.writeHead(status, { ...headers, connection: 'close' }).end(body);
      },
    );
  const issuer: ScriptedIssuer = {
    answers,
    publish({ discovery, jwks }) {
      answers.clear();
      answers.set(DISCOVERY_PATH, { status: 200, headers: JSON_TYPE, body: JSON.stringify(discovery) });
      answers.set(JWKS_PATH, { status: 200, headers: JSON_TYPE, body: JSON.stringify(jwks) });
    },
    serveCertificate(pair) {
      context = createSecureContext(pair);
    },
    restoreCertificate() {
      context = createSecureContext(first);
    },
    async open() {
      running ??= serve();
      if (!running.listening) await listen(running, 443, address);
    },
    async close() {
      if (running) await drain(running, 0);
      running = undefined;
    },
  };
  await issuer.open();
  return issuer;
}
