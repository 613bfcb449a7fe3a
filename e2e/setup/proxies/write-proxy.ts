import { createServer, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { drain, listen } from '../../../lib/http/serve.ts';

/**
 * Moment at which a write is cut off: the server has received half of its body; or it has received all of it
 * and has answered.
 */
type Moment = 'halfway' | 'after';
export const MOMENTS: readonly Moment[] = ['halfway', 'after'];

/** A proxy in front of an S3 server that interferes with one write. */
interface WriteProxy {
  readonly url: string;
  /** Method and path of the writes since the last call of one of the methods below. */
  readonly writes: readonly string[];
  /** Forwards everything. */
  pass(): void;
  /**
   * Calls `act` at that moment of the n-th write from now, counted from 1. The write stops there, and its
   * client gets no answer.
   */
  cut(nth: number, moment: Moment, act: () => void): void;
  /** Waits for `act` before it forwards the next write. */
  meanwhile(act: () => Promise<void>): void;
  stop(): Promise<void>;
}

interface Plan {
  readonly nth: number;
  readonly moment?: Moment;
  readonly act: () => void | Promise<void>;
}

/** Forwards every request unchanged, with its Host, which is part of the signature. */
export async function startWriteProxy(target: string): Promise<WriteProxy> {
  const writes: string[] = [];
  let plan: Plan | undefined;
  const setPlan = (next?: Plan) => {
    writes.length = 0;
    plan = next;
  };

  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await buffer(request);
    const isWrite = method !== 'GET' && method !== 'HEAD';
    if (isWrite) writes.push(`${method} ${new URL(url, target).pathname}`);
    const { moment, act } = (isWrite && plan?.nth === writes.length && plan) || {};
    const cut = async () => {
      await act?.();
      request.socket.destroy();
    };
    if (!moment) await act?.();
    const onward = httpRequest(new URL(url, target), { method, headers }, (answer) => {
      if (moment === 'after') {
        answer.resume().on('end', cut);
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    if (moment !== 'halfway') return onward.end(body);
    onward.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      onward.destroy();
      cut();
    });
  });
  const port = await listen(server, 0, '127.0.0.1');

  return {
    url: `http://127.0.0.1:${port}`,
    writes,
    pass: () => setPlan(),
    cut: (nth, moment, act) => setPlan({ nth, moment, act }),
    meanwhile: (act) => setPlan({ nth: 1, act }),
    stop: () => drain(server, 0),
  };
}
