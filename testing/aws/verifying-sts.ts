import { createServer } from 'node:http';
import { messageOf } from '../../lib/errors.ts';
import { readBody } from '../../lib/http/body/read-body.ts';
import { drain, listen } from '../../lib/http/serve.ts';
import { verifySignature } from '../../sts/signature/verify-signature.ts';
import { StsError } from '../../sts/sts-error.ts';
import { stsErrorXml } from './sts-peer.ts';

interface LongLivedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server that answers only calls which the long-lived keys of a user signed. */
export async function verifiesSignatures(user: LongLivedKeys, answer: () => string) {
  const calls: URLSearchParams[] = [];
  const role = { partition: 'aws', region: '', account: '111122223333', path: '/', name: 'none', arn: '' };
  const expiresAt = new Date(Date.now() + 3_600_000);
  const identity = { arn: 'arn:aws:iam::111122223333:user/me', assumedRoleId: '', account: role.account };
  const session = { ...user, ...identity, sessionToken: '', expiresAt, role, tags: [], policy: undefined };
  const sessions = {
    issue: () => session,
    find: (id: string) => (id === user.accessKeyId ? session : undefined),
  };
  const server = createServer(async (request, response) => {
    const body = await readBody(request, 65_536);
    calls.push(new URLSearchParams(body.toString()));
    const signed = {
      method: 'POST',
      path: '/',
      headers: request.headers,
      query: new URLSearchParams(),
      body,
    };
    try {
      await verifySignature(signed, sessions, new Date());
      response.writeHead(200, { 'content-type': 'text/xml' }).end(answer());
    } catch (thrown) {
      const code = thrown instanceof StsError ? thrown.code : 'InternalFailure';
      response.writeHead(403, { 'content-type': 'text/xml' }).end(stsErrorXml(code, messageOf(thrown)));
    }
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}/`, calls, close: () => drain(server, 0) };
}
