import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import { fetchText } from './fetch-text.ts';
import type { CredentialSource } from './find-source.ts';

type SourceOf<Kind extends CredentialSource['kind']> = Extract<CredentialSource, { kind: Kind }>;

/**
 * Fetches container credentials, as a sidecar of podrole or the EKS Pod Identity Agent serves them.
 * @throws PodroleError `UNREADABLE_FILE`, `CREDENTIALS_UNREACHABLE`, `CREDENTIALS_REFUSED`
 */
export async function containerCredentials(
  { url, token, tokenFile }: SourceOf<'container'>,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const object = `container credentials of ${url.origin}`;
  const authorization = tokenFile === undefined ? token : await readToken(tokenFile);
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const secrets = [
    url.pathname,
    url.search.slice(1),
    ...(authorization === undefined ? [] : [authorization]),
  ];
  return parseCredentials(object, await fetchText(url, { object, headers, secrets, signal }));
}

const METADATA_ROLES_PATH = '/latest/meta-data/iam/security-credentials/';
const TOKEN_SECONDS = '60';

/**
 * Fetches the credentials of instance metadata, by IMDSv2.
 * @throws PodroleError `CREDENTIALS_UNREACHABLE`, `CREDENTIALS_REFUSED`
 */
export async function metadataCredentials(
  { url }: SourceOf<'metadata'>,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const object = `instance metadata of ${url.origin}`;
  const token = await fetchText(new URL(INSTANCE_METADATA.tokenPath, url), {
    object,
    method: 'PUT',
    headers: { [INSTANCE_METADATA.tokenTtlHeader]: TOKEN_SECONDS },
    signal,
  });
  const options = {
    object,
    headers: { [INSTANCE_METADATA.tokenHeader]: token.trim() },
    secrets: [token],
    signal,
  };
  const [role = ''] = (await fetchText(new URL(METADATA_ROLES_PATH, url), options)).trim().split('\n');
  const path = `${METADATA_ROLES_PATH}${encodeURIComponent(role)}`;
  return parseCredentials(object, await fetchText(new URL(path, url), options));
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readRegularFile(file, MAX_FILE_BYTES.token)).toString('utf8').trim();
  } catch (thrown) {
    const fault = {
      code: 'UNREADABLE_FILE',
      object: `authorization token file ${file}`,
      problem: messageOf(thrown),
      remedy: 'let this process read it, or name another file',
    } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
}

function parseCredentials(object: string, body: string): AwsCredentials {
  let document: ReturnType<typeof asObject>;
  try {
    document = asObject(JSON.parse(body));
  } catch {
    document = undefined;
  }
  const value = (name: string) => asText(document?.[name]);
  const [accessKeyId, secretAccessKey] = [value('AccessKeyId'), value('SecretAccessKey')];
  const expiration = new Date(value('Expiration') ?? '');
  if (accessKeyId && secretAccessKey) {
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken: value('Token'),
      expiration: Number.isNaN(expiration.getTime()) ? undefined : expiration,
    };
  }
  throw new PodroleError({
    code: 'CREDENTIALS_REFUSED',
    object,
    problem: `answered 200 without credentials, in ${body.length} characters`,
    remedy: 'check that this address serves credentials, and that nothing answers in its place',
  });
}
