import { Writable } from 'node:stream';
import { Exec, type KubeConfig } from '@kubernetes/client-node';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import type { Env } from '../../lib/surroundings.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import { silent, unreachable } from '../api-faults.ts';
import { apiRefused } from '../api-refusal.ts';
import { apiServerOf } from '../api-request.ts';
import { kubeConfigOf } from '../connect.ts';
import { podsPath } from '../core-paths.ts';
import type { ClusterChoice } from '../kube-config.ts';

/** A command in a container, as `kubectl exec` runs it: without a terminal, and with nothing on stdin. */
export interface ContainerCommand {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** Of stdout; the command is given up after them. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface CommandResult {
  readonly stdout: string;
  /** Reason of a failure, by the status of kubelet; undefined if the command ended with 0. */
  readonly failed: string | undefined;
}

/**
 * Runs a command in a container. It needs the rights get and create on pods/exec.
 * @throws PodroleError `INVALID_NAME`; `API_REFUSED` if the API server does not allow it; `API_UNREACHABLE`,
 *   `API_SILENT` if the answer is not complete in time
 */
export type RunInContainer = (command: ContainerCommand, signal: AbortSignal) => Promise<CommandResult>;

/**
 * Returns what runs commands in containers of the cluster that kubectl would use. Only a command that does so
 * loads this file: the WebSocket library is large.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function connectToContainers(choice: ClusterChoice, env: Env): RunInContainer {
  const config = kubeConfigOf(choice, env);
  const server = apiServerOf(config, env);
  const apply = config.applyToHTTPSOptions.bind(config);
  // The library would not take the proxies of the variables.
  const through: KubeConfig = Object.create(config, {
    applyToHTTPSOptions: {
      value: async (options: Parameters<typeof apply>[0]) => {
        await apply(options);
        if (!server.isSocks && server.url.startsWith('https:')) options.agent = server.freshAgent;
      },
    },
  });
  const exec = new Exec(through);
  return (command, signal) => runCommand(exec, server.url, command, signal);
}

async function runCommand(
  exec: Exec,
  url: string,
  { namespace, pod, container, command, maxBytes, timeoutMs }: ContainerCommand,
  signal: AbortSignal,
): Promise<CommandResult> {
  const path = podsPath(namespace, pod, 'exec');
  const timeout = AbortSignal.timeout(timeoutMs);
  const limit = AbortSignal.any([signal, timeout]);
  const stdout = collectBytes(maxBytes);
  const ended = Promise.withResolvers<unknown>();
  const words = [...command];
  // The library puts the names into the path as they are.
  const [inNamespace, inPod] = [namespace, pod].map(encodeURIComponent) as [string, string];
  const { stream } = stdout;
  const opening = exec.exec(inNamespace, inPod, container, words, stream, null, null, false, ended.resolve);
  const whenAborted = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  });
  try {
    const connection = await Promise.race([opening, whenAborted]);
    // A connection that ends without a status was broken.
    connection.onclose = () => ended.resolve(undefined);
    const status = await Promise.race([ended.promise, stdout.full, whenAborted]);
    return { stdout: stdout.text(), failed: failureOf(status) };
  } catch (thrown) {
    if (timeout.aborted && !signal.aborted) throw silent(url, path, timeoutMs);
    throw refusal(url, path, signal.aborted ? signal.reason : thrown);
  } finally {
    // One that opens too late is closed too; an error of it was thrown above.
    opening.then((connection) => connection.close()).catch(() => {});
  }
}

/** The library says only the status of an answer that refuses. */
const REFUSED = /Unexpected server response: (\d{3})/;

function refusal(url: string, path: string, thrown: unknown): PodroleError {
  if (thrown instanceof PodroleError) return thrown;
  const message = asText(asObject(thrown)?.['message']) ?? messageOf(thrown);
  const status = Number(REFUSED.exec(message)?.[1]);
  if (!status) return unreachable(url, path, thrown instanceof Error ? thrown : new Error(message));
  const remedy = 'use a kubeconfig whose user may get and create pods/exec there';
  return apiRefused(path, { status, body: undefined, server: url }, remedy);
}

/** Reads the status that kubelet sends when a command ends. [k8s] metav1.Status */
function failureOf(status: unknown): string | undefined {
  if (status === 'full') return 'its output is too long';
  if (status === undefined) return 'the connection ended before the command did';
  if (asObject(status)?.['status'] === 'Success') return undefined;
  return redactSecrets(asText(asObject(status)?.['message']) ?? 'it failed').slice(0, 300);
}

function collectBytes(maxBytes: number) {
  const chunks: Buffer[] = [];
  const full = Promise.withResolvers<'full'>();
  let bytes = 0;
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else full.resolve('full');
      done();
    },
  });
  return { stream, full: full.promise, text: () => Buffer.concat(chunks).toString('utf8') };
}
