import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';

/** Objects that are read at the same time: IAM throttles an account as a whole, so that others wait as well. */
export const IAM_READS_AT_ONCE = 5;

/** The SDK waits longer from try to try, several seconds in all; a run of many bindings meets IAM's throttling. */
const MAX_ATTEMPTS = 6;

/** IAM has one endpoint a partition; any region of it leads there. */
const REGION_BY_PARTITION: Readonly<Record<string, string>> = {
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/**
 * A client for IAM. Region, credentials and AWS_ENDPOINT_URL_IAM are what the SDK finds in environment and profile.
 * @param partition decides about the region where none is set; default: `aws`
 */
export async function openIam(partition: string | undefined): Promise<IAMClient> {
  const client = createClient({});
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    return createClient({ region: REGION_BY_PARTITION[partition ?? ''] ?? 'us-east-1' });
  }
}

function createClient(config: IAMClientConfig): IAMClient {
  const client = new IAMClient({ maxAttempts: MAX_ATTEMPTS, ...config });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (thrown) {
        // The SDK takes this name for throttling and would try again; in IAM it is a quota that is used up.
        if (thrown instanceof Error && thrown.name === 'LimitExceededException')
          thrown.name = 'LimitExceeded';
        throw thrown;
      }
    },
    { step: 'deserialize', name: 'quotaIsNoThrottling', priority: 'high' },
  );
  return client;
}
