import { request as httpRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import { drain, listen } from '../../../../lib/http/serve.ts';
import type { Authority } from '../../../../testing/certificates/certificates.ts';

/** The https address that AWS gives its STS, whose reachability a test decides. */
export interface StsFront {
  /** If set, every call is refused with this status and code. */
  refusal: { readonly status: number; readonly code: string } | undefined;
  /** Time by which the Date header is ahead. */
  clockAheadSeconds: number;
  /** Listens only at this port of 127.0.0.1; default: 443. */
  open(port?: number): Promise<void>;
  close(): Promise<void>;
}

const HTTPS = 443;
const ADDRESS = '127.0.0.1';

/** @param hosts names of e2e/cluster/hosts @param upstream URL of the server that decides, without a path */
export async function startStsFront(
  hosts: readonly string[],
  upstream: string,
  authority: Authority,
): Promise<StsFront> {
  const pair = await authority.issue(hosts);
  let running: Server | undefined;
  const front: StsFront = {
    refusal: undefined,
    clockAheadSeconds: 0,
    async open(port = HTTPS) {
      await front.close();
      running = createServer(pair, (incoming, response) => {
        const { method, headers, url = '/' } = incoming;
        response.setHeader('date', new Date(Date.now() + front.clockAheadSeconds * 1_000).toUTCString());
        response.setHeader('connection', 'close');
        if (front.refusal) {
          const { status, code } = front.refusal;
          response.writeHead(status, { 'content-type': 'text/xml' }).end(errorBody(code));
          return;
        }
        const onward = httpRequest(`${upstream}${url}`, { method, headers }, (answer) => {
          const { date: _date, connection: _connection, ...others } = answer.headers;
          response.writeHead(answer.statusCode ?? 502, others);
          answer.pipe(response);
        });
        onward.on('error', () => response.destroy());
        incoming.pipe(onward);
      });
      await listen(running, port, ADDRESS);
    },
    async close() {
      if (running) await drain(running, 0);
      running = undefined;
    },
  };
  await front.open();
  return front;
}

function errorBody(code: string): string {
  const xmlns = 'https://sts.amazonaws.com/doc/2011-06-15/';
  return `<ErrorResponse xmlns="${xmlns}"><Error><Type>Sender</Type><Code>${code}</Code><Message>-</Message></Error><RequestId>e2e</RequestId></ErrorResponse>`;
}
