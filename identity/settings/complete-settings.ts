import { partitionOfRegion } from '../../lib/arn.ts';
import { AWS_ACCOUNT_ID } from '../../lib/contract/iam.ts';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { IdentitySettings } from './identity-settings.ts';

/** Global `fetch`, or one with the same answers. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

const REQUEST_TIMEOUT_MS = 1_000;
/** Tokens and identity documents have less than 2 KiB. */
const ANSWER_MAX_BYTES = 64 * 1024;

/**
 * Returns the settings with account and partition filled in if `--compose-role-arn` is on. They come from the
 * flags, the partition otherwise from the region's name; anything still missing comes from the identity
 * document of the EC2 instance on which podrole runs.
 * @param env for AWS_EC2_METADATA_SERVICE_ENDPOINT
 * @param fetch asks the metadata service; not called if nothing is missing
 * @throws PodroleError `NO_INSTANCE_IDENTITY`
 */
export async function completeIdentitySettings<T extends IdentitySettings>(
  settings: T,
  env: Env,
  fetch: Fetch,
): Promise<T> {
  if (!settings.composeRoleArn) return settings;
  const partition =
    settings.partition || (settings.awsDefaultRegion && partitionOfRegion(settings.awsDefaultRegion));
  if (settings.accountId !== undefined && partition) return { ...settings, partition };
  const endpoint = env[INSTANCE_METADATA.endpointVariable] || INSTANCE_METADATA.defaultEndpoint;
  const { accountId, region } = await readInstanceIdentity(endpoint, fetch);
  return {
    ...settings,
    accountId: settings.accountId ?? accountId,
    partition: partition || partitionOfRegion(region),
  };
}

/**
 * Reads the instance identity document. EC2 User Guide, "Retrieve instance identity documents"; IMDSv2
 * requires the token.
 */
async function readInstanceIdentity(
  endpoint: string,
  fetch: Fetch,
): Promise<{ accountId: string; region: string }> {
  let document: unknown;
  try {
    const token = await requestText(fetch, new URL(INSTANCE_METADATA.tokenPath, endpoint), {
      method: 'PUT',
      headers: { [INSTANCE_METADATA.tokenTtlHeader]: '60' },
    });
    const text = await requestText(fetch, new URL(INSTANCE_METADATA.identityDocumentPath, endpoint), {
      headers: { [INSTANCE_METADATA.tokenHeader]: token },
    });
    document = parseJson(text);
  } catch (thrown) {
    throw noInstanceIdentity(endpoint, messageOf(thrown), thrown);
  }
  const accountId = asText(asObject(document)?.['accountId']);
  const region = asText(asObject(document)?.['region']);
  if (!accountId || !AWS_ACCOUNT_ID.test(accountId) || !region) {
    throw noInstanceIdentity(endpoint, 'the identity document has no accountId and region');
  }
  return { accountId, region };
}

async function requestText(fetch: Fetch, url: URL, init: RequestInit): Promise<string> {
  const response = await fetch(url, {
    ...init,
    redirect: 'error',
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body = response.body ? await readBounded(response.body, ANSWER_MAX_BYTES) : Buffer.alloc(0);
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  if (!body) throw new Error(`${url.pathname} answered more than ${ANSWER_MAX_BYTES} bytes`);
  return body.toString('utf8');
}

function noInstanceIdentity(endpoint: string, problem: string, cause?: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'NO_INSTANCE_IDENTITY',
      object: `--compose-role-arn, instance metadata at ${endpoint}`,
      problem,
      remedy:
        'if this is not an EC2 instance, or its metadata service is unreachable, ' +
        'set --account-id and --partition (or --aws-region)',
    },
    { cause },
  );
}
