import { exchangeToken } from '../../credentials/exchange/exchange.ts';
import { wayToSts } from '../../credentials/exchange/sts-address.ts';
import { SESSION_DURATION_SECONDS } from '../../lib/contract/sts.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import type { CredentialSource } from './find-source.ts';
import { profileCredentials } from './profile-credentials.ts';
import { containerCredentials, metadataCredentials } from './served-credentials.ts';

export interface ObtainContext {
  readonly endpoint: URL;
  readonly env: Env;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Obtains the credentials of a source.
 * @throws PodroleError with what the source answered
 */
export async function obtainCredentials(
  source: CredentialSource,
  { endpoint, env, now, signal }: ObtainContext,
): Promise<AwsCredentials> {
  switch (source.kind) {
    case 'environment':
      return { ...source, expiration: undefined };
    case 'profile':
      return profileCredentials(source.profile);
    case 'container':
      return containerCredentials(source, signal);
    case 'metadata':
      return metadataCredentials(source, signal);
    case 'web-identity': {
      const { roleArn, sessionName, tokenFile } = source;
      const target = {
        ...wayToSts(endpoint, env),
        ...{ roleArn, sessionName, tokenFile },
        durationSeconds: SESSION_DURATION_SECONDS.min,
      };
      const { session, assumedRoleArn } = await exchangeToken(target, now, signal);
      return { ...session, assumedRoleArn };
    }
  }
}

/** Describes a source, without a secret: the path of container credentials may be one. */
export function describeSource(source: CredentialSource): string {
  switch (source.kind) {
    case 'environment':
      return 'static keys of the environment';
    case 'profile':
      return `profile ${source.profile}`;
    case 'container':
      return `container credentials of ${source.url.origin}`;
    case 'metadata':
      return `instance metadata of ${source.url.origin}`;
    case 'web-identity':
      return `web identity token ${source.tokenFile}`;
  }
}
