import { CREDENTIALS_ENV } from '../../lib/contract/sdk.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { awsAgents } from '../../lib/http/proxy/outgoing.ts';
import type { Env } from '../../lib/surroundings.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { SigningKeys } from '../chain/sign-form.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';

/** Credentials of the host, as the AWS SDK finds them. */
export interface HostKeys extends SigningKeys {
  /** Undefined if they do not end, or their source does not say when. */
  readonly expiration?: Date | undefined;
}

/**
 * Finds the host's own credentials with the chain of the AWS SDK, without its memory: what changed since the
 * last call counts. A profile that is named is the only source, and so is a default profile that names one:
 * if it failed, the chain would go on to the instance metadata, which is another identity.
 *
 * The SDK reads the environment of this process by itself.
 * @param env the same environment: for the name of the profile, proxies and CA certificates
 * @throws ExchangeError `NO_AWS_CREDENTIALS` with the places that were looked at
 */
export async function findHostKeys(env: Env): Promise<HostKeys> {
  const profile = env[CREDENTIALS_ENV.profile];
  const places: string[] = [];
  try {
    const provider = await openProvider(env, profile, (place) => places.push(place));
    return await provider();
  } catch (thrown) {
    if (thrown instanceof PodroleError) throw new ExchangeError(thrown.faults, 'late', { cause: thrown });
    const only = thrown instanceof DefaultProfileError ? DEFAULT_PROFILE : profile;
    throw noCredentials(only, [...places, messageOf(thrown)], thrown);
  }
}

/** Start of the line that the SDK logs when a source has no credentials, or fails. */
const FAILED_SOURCE = /^@smithy\/property-provider (?:->|\(!\)) /;

async function openProvider(
  env: Env,
  profile: string | undefined,
  onFailedSource: (reason: string) => void,
): Promise<() => Promise<HostKeys>> {
  const ignore = () => {};
  const debug = (line: unknown) => {
    const said = String(line);
    if (FAILED_SOURCE.test(said)) onFailedSource(said.replace(FAILED_SOURCE, ''));
  };
  const init = {
    logger: { debug, trace: ignore, info: ignore, warn: ignore, error: ignore },
    ignoreCache: true,
    // With AWS_DEFAULTS_MODE=auto, the SDK would ask the instance metadata for the region.
    clientConfig: { defaultsMode: 'legacy', requestHandler: await awsAgents(env) },
  } as const;
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  if (profile) return fromIni({ ...init, profile });
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const chain = defaultProvider(init);
  if (env[CREDENTIALS_ENV.accessKeyId] && env[CREDENTIALS_ENV.secretAccessKey]) return chain;
  const ofDefaultProfile = fromIni({ ...init, profile: DEFAULT_PROFILE });
  return () =>
    ofDefaultProfile().catch((thrown) => {
      if (messageOf(thrown) === NO_SOURCE) return chain();
      throw new DefaultProfileError(messageOf(thrown), { cause: thrown });
    });
}

const DEFAULT_PROFILE = 'default';
/** The SDK says this of a profile that does not exist, or names no source of credentials. */
const NO_SOURCE = `Could not resolve credentials using profile: [${DEFAULT_PROFILE}] in configuration/credentials file(s).`;

/** Failure of the source that the default profile names. */
class DefaultProfileError extends Error {
  override readonly name = 'DefaultProfileError';
}

const LONGEST_REASON = 300;

function noCredentials(
  profile: string | undefined,
  reasons: readonly string[],
  cause: unknown,
): ExchangeError {
  const said = [...new Set(reasons.map(shortened))].filter(Boolean);
  const places = profile
    ? `profile ${JSON.stringify(profile)}`
    : 'environment, default profile, web identity, then container credentials or instance metadata';
  return new ExchangeError(
    {
      code: 'NO_AWS_CREDENTIALS',
      object: "the host's own credentials",
      problem: `none found; looked at ${places} (${said.join('; ')})`,
      remedy: 'give podrole credentials as the AWS CLI takes them, or a token with --token-file',
    },
    'late',
    { cause },
  );
}

function shortened(said: string): string {
  const text = redactSecrets(said)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text;
}
