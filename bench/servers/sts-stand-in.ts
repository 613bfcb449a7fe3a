import { createServer } from 'node:http';
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
export async function startStsStandIn(): Promise<{ readonly server: WebServer; readonly url: string }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer(benchSession()));
    });
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { server, url: `http://127.0.0.1:${port}` };
}

function answer({ accessKeyId, secretAccessKey, sessionToken, expiration }: Session): string {
  return [
    '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
    '<AssumeRoleWithWebIdentityResult><Credentials>',
    `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>`,
    `<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration.toISOString()}</Expiration>`,
    '</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>',
  ].join('');
}
