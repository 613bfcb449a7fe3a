import { type Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Asking {
  readonly port: number;
  /** Address of the pod that asks. */
  readonly from: string;
  /** Address of the agent; default: that of loopback. */
  readonly host?: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps connections; default: a new connection. */
  readonly agent?: Agent;
}

/** Sends a request to an agent from an address of this machine, in place of a pod. */
export async function askAgent(asking: Asking): Promise<Answer> {
  const { port, from, path, method = 'GET', headers = {}, agent = false } = asking;
  const { host = from.includes(':') ? '::1' : '127.0.0.1' } = asking;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ host, port, path, method, localAddress: from, agent, headers }, (message) => {
    text(message).then(
      (body) => resolve({ status: message.statusCode, headers: message.headers, body }),
      reject,
    );
  });
  sent.on('error', reject).end();
  return promise;
}

export const ROLE_PATH = '/latest/meta-data/iam/security-credentials/';
export const CONTAINER_PATH = '/v1/credentials';
export const METADATA_HOST = { host: '169.254.169.254' } as const;
export const CONTAINER_HOST = { host: '169.254.170.2' } as const;

/** Requests a session token of IMDSv2. */
export async function askForToken(asking: Omit<Asking, 'path' | 'method'>): Promise<string> {
  const headers = { ...METADATA_HOST, [INSTANCE_METADATA.tokenTtlHeader]: '60' };
  const path = INSTANCE_METADATA.tokenPath;
  return (await askAgent({ ...asking, path, method: 'PUT', headers })).body;
}
