import { type Fault, messagesOf, PodroleError } from '../../errors.ts';

const REMEDY = {
  credentials: 'give the user and the password that this proxy asks for, as http://USER:PASSWORD@HOST:PORT',
  refused: 'allow this target in the proxy, or name the target in NO_PROXY',
  unreachable: 'check that this proxy answers from here, or name the target in NO_PROXY',
} as const;

/** Error for a proxy that does not lead to its target. It names the proxy without its password. */
export function proxyError(
  proxy: URL,
  target: string,
  problem: string,
  remedy: keyof typeof REMEDY,
  cause?: unknown,
): PodroleError {
  const fault: Fault = {
    code: 'PROXY_FAILED',
    object: `proxy ${proxy.origin}`,
    problem: `${problem}, when it was asked for ${target}`,
    remedy: REMEDY[remedy],
  };
  return new PodroleError(fault, cause === undefined ? {} : { cause });
}

/** Error for an answer of the proxy itself. */
export function proxyRefusal(proxy: URL, target: string, status: number): PodroleError {
  const kind = status === 407 ? 'credentials' : 'refused';
  return proxyError(proxy, target, `answered ${status}`, kind);
}

/** Error for a failed connection to the proxy. A host with several addresses fails with several errors. */
export function proxyUnreachable(proxy: URL, target: string, thrown: unknown): PodroleError {
  return proxyError(proxy, target, `failed: ${messagesOf(thrown)}`, 'unreachable', thrown);
}

/** Returns the fault of a proxy that is the reason of an error; undefined if another one is. */
export function proxyFaultOf(thrown: unknown): Fault | undefined {
  let error = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (error instanceof PodroleError && error.code === 'PROXY_FAILED') return error.faults[0];
    error = error.cause;
  }
  return undefined;
}
