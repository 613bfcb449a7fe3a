import { messageOf, PodroleError } from '../lib/errors.ts';
import { proxyFaultOf } from '../lib/http/proxy/proxy-fault.ts';

/**
 * Returns the error of a request that brought no answer. A request that this process gave up is not the fault
 * of the server.
 * @param path with or without its query, which the error does not show
 */
export function unreachable(server: string, path: string, cause: unknown): PodroleError {
  const proxyFault = proxyFaultOf(cause);
  if (proxyFault) return new PodroleError(proxyFault, { cause });
  if (cause instanceof Error && cause.name === 'AbortError') {
    const problem = 'was not completed: the run was interrupted';
    const fault = { code: 'STOPPED', object: objectOf(server, path), problem, remedy: 'run again' } as const;
    return new PodroleError(fault, { cause });
  }
  return new PodroleError(
    {
      code: 'API_UNREACHABLE',
      object: objectOf(server, path),
      problem: messageOf(cause),
      remedy:
        'check that this address answers from here and that its certificate is the one of the kubeconfig',
    },
    { cause },
  );
}

export function silent(server: string, path: string, silenceMs: number): PodroleError {
  return new PodroleError({
    code: 'API_SILENT',
    object: objectOf(server, path),
    problem: `sent nothing for ${silenceMs} ms`,
    remedy: 'none needed once; if it recurs, something between here and the API server drops connections',
  });
}

function objectOf(server: string, path: string): string {
  return `API server ${server}${path.split('?', 1)[0]}`;
}
