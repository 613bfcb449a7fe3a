import type { RecordedRequest } from './recorder.ts';
import { SECRET_PATH } from './start-sidecar.ts';

const TOKEN_PATH = '/latest/api/token';
const ROLES_PATH = '/latest/meta-data/iam/security-credentials';

/**
 * Returns the requests of an SDK to the sidecar, in order, as a line of docs/sdks.md, whose legend explains
 * `token`, `roles` and `role`.
 * @param roleName the role that the sidecar lists
 */
export function describeRequests(requests: readonly RecordedRequest[], roleName: string): string {
  const described = requests.map((request) => `${nameOf(request, roleName)} ${request.status ?? 'cut off'}`);
  return collapse(described).join(', ');
}

function nameOf({ method, url, headers }: RecordedRequest, roleName: string): string {
  if (method === 'PUT' && url === TOKEN_PATH) {
    const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? 'none';
    return `token (${ttl} s${headers['expect'] === undefined ? '' : `, Expect: ${headers['expect']}`})`;
  }
  const secured = headers['x-aws-ec2-metadata-token'] === undefined ? '' : '\\*';
  if (method === 'GET' && url === ROLES_PATH) return `roles${secured}`;
  if (method === 'GET' && url === `${ROLES_PATH}/`) return `roles/${secured}`;
  if (method === 'GET' && url === `${ROLES_PATH}/${roleName}`) return `role${secured}`;
  // Old SDKs ignore the status of the list, and use its body as a role name.
  if (method === 'GET' && url.startsWith(`${ROLES_PATH}/`))
    return `the message of that refusal as a role${secured}`;
  const authorized = headers['authorization'] === undefined ? '' : ' with the token of the file';
  return `${method} ${url.replace(SECRET_PATH, '/v1/credentials/UID')}${secured}${authorized}`;
}

/** Repeated requests become one, with a count. */
function collapse(described: readonly string[]): string[] {
  const runs: { text: string; count: number }[] = [];
  for (const text of described) {
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${count} × ${text}`));
}
