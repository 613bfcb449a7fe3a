import type { CommandResult } from '../../cluster/run-command.ts';

/** Runs a command in a container. */
export type InContainer = (command: readonly string[]) => Promise<CommandResult>;

export const METADATA = 'http://169.254.169.254';
export const CONTAINER_CREDENTIALS = 'http://169.254.170.2/v1/credentials';
export const ROLES = `${METADATA}/latest/meta-data/iam/security-credentials/`;
const TIMEOUT_SECONDS = '30';

/** Status and body of an answer; status 0 if there was none. */
export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
}

/** Asks by curl, as the recipes of 2015 do. */
export async function curl(
  run: InContainer,
  url: string,
  ...options: readonly string[]
): Promise<CurlAnswer> {
  const { stdout } = await run([
    ...['curl', '-s', '--globoff', '--max-time', TIMEOUT_SECONDS, '-w', '\n%{http_code}', ...options, url],
  ]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

/** Asks until the answer is not a refusal for a moment (503). */
export async function curlCertain(
  run: InContainer,
  url: string,
  ...options: readonly string[]
): Promise<CurlAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await curl(run, url, ...options);
    if (answer.status !== 503 || attempt === 20) return answer;
  }
}

/** Takes IMDSv2's token first. Returns the option with which curl sends it. */
export async function sessionTokenOption(run: InContainer): Promise<readonly string[]> {
  const ttl = ['-X', 'PUT', '-H', 'X-aws-ec2-metadata-token-ttl-seconds: 21600'];
  const { status, body } = await curlCertain(run, `${METADATA}/latest/api/token`, ...ttl);
  if (status !== 200) throw new Error(`token: ${status} ${body}`);
  return ['-H', `X-aws-ec2-metadata-token: ${body}`];
}

/** The steps of the recipe by instance metadata: the name of the role, then its credentials. */
export async function credentialsByMetadata(
  run: InContainer,
  ...options: readonly string[]
): Promise<Credentials & { readonly role: string }> {
  const roles = await curlCertain(run, ROLES, ...options);
  if (roles.status !== 200) throw new Error(`roles: ${roles.status} ${roles.body}`);
  const answer = await curlCertain(run, `${ROLES}${roles.body}`, ...options);
  return { role: roles.body, ...parseCredentials(answer) };
}

export function parseCredentials({ status, body }: CurlAnswer): Credentials {
  if (status !== 200) throw new Error(`credentials: ${status} ${body}`);
  const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(body);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, token: Token };
}

/** Sends a signed request to S3 by curl, from the container. */
export function s3Request(
  run: InContainer,
  url: string,
  { accessKeyId, secretAccessKey, token }: Credentials,
  ...options: readonly string[]
): Promise<CurlAnswer> {
  return curl(
    run,
    url,
    ...['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${accessKeyId}:${secretAccessKey}`],
    ...['-H', `x-amz-security-token: ${token}`, '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', ...options],
  );
}
