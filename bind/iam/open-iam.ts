import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { awsAgents } from '../../lib/http/proxy/outgoing.ts';
import { regionOfPartition } from '../../lib/region-of-partition.ts';
import type { Env } from '../../lib/surroundings.ts';

/**
 * Objects that are read at the same time. IAM throttles a whole account, so more would make others wait as
 * well.
 */
export const IAM_READS_AT_ONCE = 5;

/**
 * A run with many bindings meets IAM's throttling. The SDK waits longer before each attempt, several seconds
 * in all.
 */
const MAX_ATTEMPTS = 6;

/**
 * Opens a client for IAM. The SDK finds region, credentials and AWS_ENDPOINT_URL_IAM in environment and
 * profile.
 * @param partition selects the region if none is set; default: `aws`
 * @param env names the proxies and AWS_CA_BUNDLE
 * @param profile left out: that of AWS_PROFILE, if it is set
 * @throws PodroleError `UNREADABLE_FILE`
 */
export async function openIam(partition: string | undefined, env: Env, profile?: string): Promise<IAMClient> {
  const ofProfile = profile === undefined ? {} : { profile };
  const client = createClient({ ...ofProfile, requestHandler: await awsAgents(env) });
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    return createClient({
      ...ofProfile,
      requestHandler: await awsAgents(env),
      region: regionOfPartition(partition),
    });
  }
}

function createClient(config: IAMClientConfig): IAMClient {
  const client = new IAMClient({ maxAttempts: MAX_ATTEMPTS, ...config });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (thrown) {
        // The SDK takes this name for throttling and would try again. In IAM it means an exhausted quota.
        if (thrown instanceof Error && thrown.name === 'LimitExceededException')
          thrown.name = 'LimitExceeded';
        throw thrown;
      }
    },
    { step: 'deserialize', name: 'quotaIsNoThrottling', priority: 'high' },
  );
  return client;
}
