import { createServer, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/**
 * The proxy of 2015, which must not pass the tests: it believes the address that the list of containers gave
 * some time ago, and remembers sessions by address.
 *   naive-proxy.ts <port> <socket of the daemon>
 * Prints `{"msg":"listening"}`.
 */
const [port = '', socketPath = ''] = process.argv.slice(2);
const LABEL = 'podrole.dev/role-arn';
const ROLES = '/latest/meta-data/iam/security-credentials/';
const LIST_AGE_MS = 10_000;

interface Listed {
  readonly Labels: Readonly<Record<string, string>>;
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

const sts = new STSClient({});
const sessions = new Map<string, Promise<string>>();
let roles = new Map<string, string>();
let listedAt = 0;

function list(): Promise<readonly Listed[]> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/containers/json' }, (answer) => {
      json(answer).then((read) => resolve(read as Listed[]), reject);
    });
    call.on('error', reject);
    call.end();
  });
}

async function roleAt(address: string): Promise<string | undefined> {
  if (Date.now() - listedAt > LIST_AGE_MS) {
    roles = new Map();
    for (const { Labels, NetworkSettings } of await list()) {
      for (const { IPAddress } of Object.values(NetworkSettings.Networks)) {
        const role = Labels[LABEL];
        if (role !== undefined) roles.set(IPAddress, role);
      }
    }
    listedAt = Date.now();
  }
  return roles.get(address);
}

function sessionOf(role: string): Promise<string> {
  const known = sessions.get(role);
  if (known) return known;
  const asked = sts
    .send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'naive' }))
    .then(({ Credentials }) =>
      JSON.stringify({
        Code: 'Success',
        AccessKeyId: Credentials?.AccessKeyId,
        SecretAccessKey: Credentials?.SecretAccessKey,
        Token: Credentials?.SessionToken,
        Expiration: Credentials?.Expiration,
      }),
    );
  sessions.set(role, asked);
  asked.catch(() => sessions.delete(role));
  return asked;
}

const server = createServer(async ({ url = '', socket }, response) => {
  try {
    const role = await roleAt((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
    if (role === undefined) response.writeHead(404).end('no role');
    else if (url === ROLES) response.end(role.replace(/^.*\//, ''));
    else response.end(await sessionOf(role));
  } catch (thrown) {
    response.writeHead(500).end(String(thrown));
  }
});
server.listen(Number(port), () => process.stdout.write('{"msg":"listening"}\n'));
