import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Session } from '../../credentials/session.ts';
import { listen, type WebServer } from '../../lib/http/serve.ts';

const SESSION_MS = 3_600_000;

/** A session whose parts are as long as AWS's. */
export function benchSession(): Session {
  const obtainedAt = new Date();
  return {
    accessKeyId: 'ASIABENCHBENCHBENCHB',
    secretAccessKey: 's'.repeat(40),
    sessionToken: 't'.repeat(900),
    expiration: new Date(obtainedAt.getTime() + SESSION_MS),
    obtainedAt,
  };
}

/**
 * Answers every request with a session at once: STS is not part of the measurement. Correctness is tested
 * against real STS servers.
 */
export async function startStsStandIn(
  address = '127.0.0.1',
): Promise<{ readonly server: WebServer; readonly url: string }> {
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(await text(request));
    response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer(asked, benchSession()));
  });
  const port = await listen(server, 0, address);
  return { server, url: `http://${address}:${port}` };
}

/** @param asked AssumeRole or AssumeRoleWithWebIdentity */
function answer(asked: URLSearchParams, session: Session): string {
  const action = asked.get('Action');
  const role = asked.get('RoleArn')?.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = session;
  return [
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`,
    `<${action}Result><Credentials>`,
    `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>`,
    `<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration.toISOString()}</Expiration>`,
    `</Credentials><AssumedRoleUser><Arn>${role}/${asked.get('RoleSessionName')}</Arn></AssumedRoleUser>`,
    `</${action}Result></${action}Response>`,
  ].join('');
}
