import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/http/serve.ts';

export interface IamCallSeen {
  /** `ListRoles` */
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Key that signed the call; empty for a call that is not signed. */
  readonly accessKeyId: string;
}

export interface IamAnswer {
  readonly status: number;
  readonly xml: string;
}

/** Answers the Query API of IAM in the formats of AWS, so that the real SDK can read them. */
export interface IamServer {
  readonly url: string;
  /** Calls so far. */
  readonly calls: readonly IamCallSeen[];
  readonly stop: () => Promise<void>;
}

export async function startIamServer(answer: (call: IamCallSeen) => IamAnswer): Promise<IamServer> {
  const calls: IamCallSeen[] = [];
  const server = createServer(async (request, response) => {
    const { Action: action = '', ...parameters } = Object.fromEntries(
      new URLSearchParams(await text(request)),
    );
    const [, accessKeyId = ''] = /Credential=(\w+)\//.exec(request.headers.authorization ?? '') ?? [];
    calls.push({ action, parameters, accessKeyId });
    const { status, xml } = answer({ action, parameters, accessKeyId });
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(xml);
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, calls, stop: () => drain(server, 0) };
}

/** Returns the answer to a call that succeeds; `result` is XML. */
export function iamResult(action: string, result: string): IamAnswer {
  const xml = `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, xml };
}

/** Returns the answer to a call that IAM refuses. */
export function iamRefusal(status: number, code: string, message: string): IamAnswer {
  const xml = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ErrorResponse>`;
  return { status, xml };
}
