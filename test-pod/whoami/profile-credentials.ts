import { messageOf, PodroleError } from '../../lib/errors.ts';
import type { AwsCredentials } from './aws-credentials.ts';

/**
 * Reads a profile as the AWS CLI does: keys, roles, SSO, processes.
 * @throws PodroleError `NO_AWS_CREDENTIALS`
 */
export async function profileCredentials(profile: string): Promise<AwsCredentials> {
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await fromIni({
      profile,
      // With AWS_DEFAULTS_MODE=auto, the SDK would ask the instance metadata for the region.
      clientConfig: { defaultsMode: 'legacy' },
    })();
    return { accessKeyId, secretAccessKey, sessionToken, expiration };
  } catch (thrown) {
    const fault = {
      code: 'NO_AWS_CREDENTIALS',
      object: `profile ${JSON.stringify(profile)}`,
      problem: messageOf(thrown),
      remedy: 'check it with the AWS CLI, or name another one by AWS_PROFILE',
    } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
}
