import { createServer } from 'node:http';
import { drain, listen } from '../../../lib/http/serve.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';

const ADDRESS = '169.254.169.254';
const ROLE = 'role-of-the-host';
const TOKEN = 'token-of-the-host';
const ROLES = '/latest/meta-data/iam/security-credentials/';

/**
 * Instance metadata of the Docker host, at the real address outside it, with the credentials of the host. It
 * remembers who asked.
 */
export interface HostMetadata {
  /** Its only role. */
  readonly role: string;
  /** Method, path, and source address of each request. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** Starts it in the network namespace of e2e, to which the uplink of a host leads. */
export async function startHostMetadata(credentials: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}): Promise<HostMetadata> {
  await succeed('metadata address', runCommand('ip', ['address', 'replace', `${ADDRESS}/32`, 'dev', 'lo']));
  const asked: string[] = [];
  const document = JSON.stringify({
    Code: 'Success',
    Type: 'AWS-HMAC',
    LastUpdated: new Date().toISOString(),
    Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: '',
  });
  const answers: Readonly<Record<string, string>> = {
    'PUT /latest/api/token': TOKEN,
    [`GET ${ROLES}`]: ROLE,
    [`GET ${ROLES}${ROLE}`]: document,
    'GET /latest/meta-data/placement/region': 'us-east-1',
  };
  const server = createServer(({ method, url, socket }, response) => {
    asked.push(`${method} ${url} ${socket.remoteAddress}`);
    const body = answers[`${method} ${url}`];
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
    response.writeHead(body === undefined ? 404 : 200, headers).end(body ?? 'not found');
  });
  await listen(server, 80, ADDRESS);
  return {
    role: ROLE,
    asked,
    async stop() {
      await drain(server, 0);
      await runCommand('ip', ['address', 'del', `${ADDRESS}/32`, 'dev', 'lo']);
    },
  };
}
